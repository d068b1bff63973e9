/* What of a picture stays in view: a point that one drags, or moves with the arrow keys, and a choice between cropping and showing all.
   Where the picture is shown beside it, it looks as the program will make it. */
"use strict";

{
  const STEP = 0.02; // of the picture's side, for an arrow key
  const LEAP = 0.1; // with Shift
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  const within = (value, least, most) => Math.min(Math.max(value, least), most);
  const rounded = (value) => Math.round(within(value, 0, 1) * 100) / 100;

  /* Where the square around the point begins along one side, as anatomy.crop_box has it; in pixels. */
  const startOf = (length, side, focus) => within(focus * length - side / 2, 0, length - side);

  /* Shows a picture of width × height in a square as its thumbnail will look. */
  const fitted = (image, { width, height, focus, fit }) => {
    const side = Math.min(width, height);
    const part = (length, point) => (length > side ? (100 * startOf(length, side, point)) / (length - side) : 50);
    image.style.objectFit = fit;
    image.style.objectPosition = fit === "contain" ? "center" : `${part(width, focus[0])}% ${part(height, focus[1])}%`;
  };

  let count = 0;

  /* The editor for the picture at `source`; `looks` are images of it that show the outcome. `frame()` gives focus and fit as they are
     sent, or nothing for a picture that is square and so is whole anyway. `ready` hears when the picture is there, and its size. */
  const framing = (source, looks, { focus = [0.5, 0.5], fit = "cover", ready = () => {} } = {}) => {
    const { make, button } = window.contactsheet;
    const state = { width: 0, height: 0, focus: [...focus], fit };
    const image = make("img", { src: source, alt: "", draggable: "false" });
    const part = make("div", { class: "framing-part" });
    const point = make("button", { type: "button", class: "framing-point", role: "slider", "aria-label": "What stays in view", "aria-valuemin": "0", "aria-valuemax": "100" });
    const stage = make("div", { class: "framing-stage" }, make("div", { class: "framing-picture" }, image, part), point);
    const name = `cs-fit-${(count += 1)}`;
    const option = (value, words) => make("label", {}, make("input", { type: "radio", name, value }), make("span", {}, words));
    const choice = make("fieldset", { class: "framing-fit" }, make("legend", { class: "unseen" }, "How it becomes a square"), option("cover", "Crop it"), option("contain", "Show all of it"));
    const centre = button("Centre", { class: "link" }, () => move([0.5, 0.5]));
    const hint = make("p", { class: "quiet" }, "Drag the point, or move it with the arrow keys.");
    const element = make("div", { class: "framing", hidden: true }, stage, make("div", { class: "framing-row" }, choice, centre), hint);

    const draw = () => {
      const { width, height, focus: [x, y] } = state;
      const side = Math.min(width, height), crops = state.fit === "cover";
      for (const look of looks) fitted(look, state);
      Object.assign(point.style, { left: `${100 * x}%`, top: `${100 * y}%` });
      const across = (length, at) => [`${(100 * startOf(length, side, at)) / length}%`, `${(100 * side) / length}%`];
      [part.style.left, part.style.width] = across(width, x);
      [part.style.top, part.style.height] = across(height, y);
      part.hidden = point.hidden = centre.hidden = !crops;
      hint.textContent = crops ? "Drag the point, or move it with the arrow keys." : "All of it is shown, with room around it.";
      point.setAttribute("aria-valuenow", String(Math.round(100 * (width > height ? x : y))));
      point.setAttribute("aria-valuetext", `${Math.round(100 * x)} % from the left, ${Math.round(100 * y)} % from the top`);
      for (const one of choice.querySelectorAll("input")) one.checked = one.value === state.fit;
    };
    const move = (to) => {
      state.focus = to.map(rounded);
      draw();
    };
    const moveTo = (event) => {
      const box = stage.getBoundingClientRect();
      move([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
    };

    choice.addEventListener("change", (event) => {
      state.fit = event.target.value;
      draw();
    });
    stage.addEventListener("pointerdown", (event) => {
      if (event.button || state.fit !== "cover") return;
      event.preventDefault();
      stage.setPointerCapture(event.pointerId);
      point.focus({ preventScroll: true });
      moveTo(event);
    });
    stage.addEventListener("pointermove", (event) => { if (stage.hasPointerCapture(event.pointerId)) moveTo(event); });
    point.addEventListener("keydown", (event) => {
      const way = MOVES[event.key];
      if (!way) return;
      event.preventDefault();
      move(state.focus.map((value, axis) => value + way[axis] * (event.shiftKey ? LEAP : STEP)));
    });
    image.addEventListener("load", () => {
      [state.width, state.height] = [image.naturalWidth, image.naturalHeight]; // the right way up, as EXIF has it
      element.hidden = state.width === state.height;
      draw();
      ready(state.width, state.height);
    });
    image.addEventListener("error", () => ready(0, 0));
    return { element, point, frame: () => (element.hidden ? {} : { focus: state.focus.join(","), fit: state.fit }) };
  };

  window.contactsheet = Object.assign(window.contactsheet ?? {}, { framing });
}
