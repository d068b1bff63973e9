/* While someone types in the drawer: the preview proposes the ID, and points out who the new contact may be already, with the offer to
   add what is typed as an update of them. */
"use strict";

{
  const PAUSE = 150; // milliseconds after the last key
  // Beside which field a duplicate stands, by what gave it away.
  const PLACES = [[/e-mail/, "emails"], [/phone/, "phones"], [/name/, "name"]];

  /* Attends a drawer: `inputs` and `slots` are its controls and places for problems by field, `values(field)` gives what was typed in the
     fields that are lists, `isOwn()` whether the ID was typed and is to be left alone. */
  const drafting = ({ root, form, inputs, slots, values, isOwn }) => {
    const { make, cleaned } = window.contactsheet;
    let target = null; // the contact that this one joins, as the preview tells it
    let timer = 0, asked = null, answered = Promise.resolve(), under = null, proposed = null;

    const places = new Map(["name", "emails", "phones"].map((field) => {
      const place = make("ul", { class: "duplicates", "aria-live": "polite", "aria-label": "Already a contact?" });
      slots.get(field).before(place);
      return [field, place];
    }));

    const query = () => {
      const wanted = new URLSearchParams({ name: cleaned(inputs.get("name").value) });
      for (const field of ["emails", "phones"]) for (const one of values(field)) wanted.append(field, one);
      return wanted.toString();
    };

    const ask = async () => {
      const wanted = query();
      if (wanted === asked) return;
      asked = wanted;
      proposed = null;
      under?.abort();
      under = new AbortController();
      const answer = await fetch(new URL(`_edit/proposal?${wanted}`, root), { signal: under.signal }).then((one) => (one.ok ? one.json() : null)).catch(() => null);
      if (!answer || wanted !== query()) {
        if (wanted === asked) asked = null; // it is asked again, should it be typed again
        return;
      }
      proposed = answer.id;
      propose();
      show(answer.duplicates);
    };

    /* Whoever is about to type an ID does so in peace: the proposal waits until they have left the field. */
    const propose = () => {
      const id = inputs.get("id");
      if (proposed !== null && !isOwn() && document.activeElement !== id) id.value = proposed;
    };
    inputs.get("id").addEventListener("blur", propose);

    /* Cards that stay are left as they are: nobody loses the focus by typing on. */
    const show = (found) => {
      const all = target && !found.some((one) => one.id === target.id) ? [target, ...found] : found;
      for (const [field, place] of places) {
        const here = all.filter((one) => PLACES.find(([pattern]) => pattern.test(one.reason))[1] === field);
        const there = new Map([...place.children].map((card) => [card.dataset.key, card]));
        const cards = here.map((one) => there.get(`${one.id} ${one.reason}`) ?? cardOf(one));
        if (cards.length !== place.children.length || cards.some((card, index) => card !== place.children[index])) place.replaceChildren(...cards);
      }
      mark();
    };

    const cardOf = (one) => {
      const shown = one.avatar
        ? make("img", { class: "avatar avatar-28", src: new URL(one.avatar, root), width: 28, height: 28, alt: "" })
        : make("span", { class: `avatar avatar-28 tone-${one.tone}`, "aria-hidden": "true" }, make("bdi", {}, one.initials));
      const box = make("input", { type: "checkbox" });
      box.addEventListener("change", () => {
        target = box.checked ? one : null;
        mark();
      });
      const who = make("a", { href: new URL(one.page, root), target: "_blank", title: "Opens the contact in a new tab" }, make("bdi", {}, one.name));
      return make("li", { class: "duplicate", "data-key": `${one.id} ${one.reason}`, "data-duplicate": one.id },
        shown, make("p", {}, who, make("span", { class: "quiet" }, ` has ${one.reason}`)),
        make("label", { class: "check" }, box, make("span", {}, "Add as an update of ", make("bdi", {}, one.name))),
        make("p", { class: "outcome", role: "status" }));
    };

    const mark = () => {
      const submit = form().querySelector("[type=submit]");
      submit.textContent = target ? "Save update" : "Save contact";
      for (const card of form().querySelectorAll(".duplicate")) {
        const is = card.dataset.duplicate === target?.id;
        card.querySelector("input").checked = is;
        card.querySelector(".outcome").textContent = is ? "A picture chosen here becomes theirs. Empty fields are filled, and what differs stays on record." : "";
      }
    };

    const attend = () => form().addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => { answered = ask(); }, PAUSE);
    });
    queueMicrotask(() => { // the form is made after this
      attend();
      answered = ask(); // nothing is typed yet, but the preview gets ready to answer
    });

    return {
      /* Waits until what was typed last is answered. */
      settled: () => {
        clearTimeout(timer);
        return answered.then(ask);
      },
      more: () => (target ? { merge_into: target.id } : {}),
      saved: (files) => contactsheetPreview.sayNext(target ? `Saved as an update of ${target.name}.` : `Saved in ${files[0]}.`),
    };
  };

  window.contactsheet = Object.assign(window.contactsheet ?? {}, { drafting });
}
