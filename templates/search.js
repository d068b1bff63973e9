/* The search of the contact list: loads the index, which contactsheet/search.py makes, and finds rows in it. It draws nothing.
   The index comes as scripts, since pages opened from a disk may load nothing else; each calls contactsheet.take. */
"use strict";

{
  const { root } = document.currentScript.dataset;
  const WORD_LIMIT = 16; // characters of a word that the index tells apart
  const STARTS = 16; // places in a word or number at which a search may begin
  const AT_ONCE = 4; // files that are loaded side by side
  const PATIENCE = 12; // files after which a search that finds little asks before it goes on

  // --- Texts: the same as contactsheet/folding.py -----------------------------------------------------------------------

  const PLAIN = { ø: "o", ł: "l", đ: "d", ð: "d", ħ: "h", ŧ: "t", ŋ: "n", þ: "th", æ: "ae", œ: "oe", ς: "σ" };
  const MARKS = /(?![\u0900-\u109f\u1780-\u17ff])[\p{M}\p{Cf}\u0640]/gu;
  const DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g;
  const WORD = /[\p{L}\p{N}\p{M}]+(?:['’ʼ][\p{L}\p{N}\p{M}]+)*/gu;
  const START = /['’ʼ]|(?=[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\u1100-\u115f])/gu;
  const APOSTROPHE = /['’ʼ]/g;
  const digit = (sign) => String((sign.charCodeAt(0) - (sign < "\u0900" ? 0 : 6)) & 15);

  const fold = (text) => {
    const bare = text.normalize("NFKD").replace(MARKS, "").toUpperCase().toLowerCase();
    const plain = bare.normalize("NFKD").replace(MARKS, "");
    return plain.replace(/[øłđðħŧŋþæœς]/g, (sign) => PLAIN[sign]).replace(DIGITS, digit).normalize("NFKD");
  };

  const tidy = (word) => {
    const rest = word.replace(APOSTROPHE, "");
    return /^[0-9]+$/.test(rest) ? rest.replace(/^0+(?=.)/, "") : rest;
  };

  const words = (text) => {
    const found = new Set();
    for (const [word] of fold(text).matchAll(WORD)) {
      const starts = new Set([0]);
      for (const start of word.matchAll(START)) starts.add(start.index + start[0].length);
      for (const start of [...starts].slice(0, STARTS)) found.add(tidy(word.slice(start)));
    }
    return found;
  };

  const numbers = (phone) => {
    const groups = phone.split(" ext. ")[0].match(/[0-9]+/g) ?? [];
    return groups.slice(0, STARTS).map((_, first) => groups.slice(first).join("").replace(/^0+/, "")).filter(Boolean);
  };

  const isNumber = (text) => !text.includes("@") && /^[+(]?[0-9]/.test(text);

  // --- The index ---------------------------------------------------------------------------------------------------------

  const waiting = new Map();
  const loading = new Map();

  const load = (name) => {
    if (!loading.has(name)) loading.set(name, new Promise((resolve, reject) => fetchScript(name, resolve, reject)));
    return loading.get(name);
  };

  const fetchScript = (name, resolve, reject) => {
    const script = document.createElement("script");
    const fail = () => {
      loading.delete(name); // so that the next search tries again
      reject(new Error(`search/${name}.js does not load`));
    };
    waiting.set(name, resolve);
    script.addEventListener("load", () => waiting.delete(name) && fail());
    script.addEventListener("error", fail);
    script.src = `${root}search/${name}.js`;
    document.head.append(script);
  };

  const take = (name, data) => {
    waiting.get(name)?.(data);
    waiting.delete(name);
  };

  const rowsOf = async (name) => {
    const rows = await load(name);
    for (let at = 0; at < rows.length; at += 1) if (Array.isArray(rows[at])) rows[at] = toRow(rows[at]);
    return rows;
  };

  const toRow = (values) => {
    const [id, name, title = "", company = "", email = "", phone = "", tags = [], type = "", owner = ""] = values;
    const [last = "", avatar = "", initials = "", tone = 0, more = [], fields = []] = values.slice(9);
    return { id, name, title, company, email, phone, tags, type, owner, last, avatar, initials, tone, more, fields };
  };

  const letters = (text) => [...text].map((c) => (/[a-z0-9]/i.test(c) ? c : c === "." ? "_" : `_${c.codePointAt(0).toString(16)}_`)).join("");
  const isBranch = (node) => Array.isArray(node) && typeof node[0] === "number";

  /* The files of a leaf; none where one has to look in the list of all. */
  const files = (stem, node) => (node === 0 ? null : (node === 1 ? ["1"] : node).map((end) => `${stem}${end}`));

  /* All files below a node. */
  const below = (folder, prefix, node) =>
    Object.entries(node[1]).flatMap(([some, child]) => {
      const inside = prefix + [...some][0];
      if (isBranch(child)) return below(folder, inside, child);
      return files(`${folder}${letters(inside)}-`, child) ?? [];
    });

  /* Where the rows of a key are: the files, what there is to show at once, and how many rows there are if that is known. */
  const locate = (index, folder, tree, key) => {
    let node = tree;
    let prefix = "";
    for (const letter of [...key].slice(0, WORD_LIMIT)) {
      if (!isBranch(node)) break;
      const next = Object.entries(node[1]).find(([some]) => some.includes(letter));
      if (!next) return { files: [], count: 0 };
      prefix += [...next[0]][0];
      node = next[1];
    }
    if (!isBranch(node)) return { files: files(`${folder}${letters(prefix)}-`, node) ?? index.everyone };
    const count = node[0];
    if (count * 8 > index.total) return { files: index.everyone, count };
    return { files: below(folder, prefix, node), top: `${folder}${letters(prefix)}-top`, count };
  };

  // --- What is sought -----------------------------------------------------------------------------------------------------

  /* The words of a query. A telephone number is one word with or without spaces, unless it is not `joined`. */
  const terms = (text, joined) => {
    const pieces = fold(text).split(/\s+/u).filter(Boolean);
    const found = [];
    let number = "";
    for (const piece of [...pieces, ""]) {
      if (joined && /^[+(]?[0-9][0-9().\/-]*$/.test(piece)) {
        number += piece.replace(/[^0-9]/g, "");
        continue;
      }
      if (number) found.push(number.replace(/^0+(?=.)/, ""));
      number = "";
      for (const [word] of piece.matchAll(WORD)) found.push(tidy(word));
    }
    return [...new Set(found)];
  };

  const fits = (row, query, sought) => {
    if (query.type && row.type !== query.type) return false;
    if (query.owner && row.owner !== query.owner) return false;
    if (query.bare && row.avatar) return false;
    if (!query.tags.every((tag) => row.tags.includes(tag))) return false;
    if (!sought.length) return true;
    row.words ??= [
      ...words([row.name, row.company, row.email, ...row.tags, ...row.more].join("\n")),
      ...[row.phone, ...row.more].filter(isNumber).flatMap(numbers),
    ];
    return sought.every((term) => row.words.some((word) => word.startsWith(term)));
  };

  const open = async () => {
    const { total, all, sort, words: tree } = await load("root");
    return { total, sort, tree, everyone: all.map((end) => `all/${end}`) };
  };

  /* Where to look: the fewest files that have all that fits. */
  const choose = async (index, query, sought) => {
    const places = [];
    const chosen = [...query.tags.map((tag) => ["tags", tag]), ["types", query.type], ["owners", query.owner]].filter(([, value]) => value);
    if (index.tree === null) return { files: index.everyone };
    for (const term of sought) places.push(locate(index, "words/", index.tree, term));
    if (chosen.length || query.bare) {
      const facets = await load("facets");
      const some = chosen.map(([kind, value]) => facets[kind].find(([one]) => one === value));
      if (query.bare) some.push(facets.bare);
      for (const facet of some) {
        if (!facet || !facet[1]) return { files: [], count: 0 };
        places.push({ ...locate(index, "sets/", facets.sets, facet[2]), count: facet[1], top: undefined });
      }
    }
    if (!places.length) {
      if (query.sort === "last_activity" && query.down && index.total > index.sort) return { files: ["latest"], latest: true };
      return { files: index.everyone, count: index.total };
    }
    const best = places.reduce((one, other) => (other.files.length < one.files.length ? other : one));
    return places.length === 1 ? best : { files: best.files };
  };

  /* A search under way: `rows` are those found so far, `count` is how many there are in all, null where only the end will tell. */
  const begin = async (query, joined) => {
    const index = await open();
    const sought = terms(query.text, joined);
    const place = await choose(index, query, sought);
    const queue = [...(place.top && !query.sort ? [place.top] : []), ...place.files];
    const seen = new Set();
    const search = { rows: [], total: index.total, count: place.count ?? null, isDone: queue.length === 0, isCut: false, isLatest: !!place.latest };

    const read = async (names) => {
      let count = 0;
      for (const rows of await Promise.all(names.map(rowsOf))) {
        count += rows.length;
        for (const row of rows) {
          if (seen.has(row.id) || !fits(row, query, sought)) continue;
          seen.add(row.id);
          search.rows.push(row);
        }
      }
      return count;
    };

    /* Looks on until `wanted` rows are found, all is read, or it has taken long enough. */
    search.more = async (wanted) => {
      let [loaded, seenRows] = [0, 0];
      while (queue.length && (query.sort || search.rows.length < wanted)) {
        if (query.sort ? seenRows >= index.sort : loaded >= PATIENCE) break;
        // One at first, which most often is enough; then several.
        const names = queue.splice(0, loaded || index.tree === null || query.sort ? AT_ONCE : 1);
        seenRows += await read(names);
        loaded += names.length;
      }
      search.isDone = queue.length === 0;
      search.isCut = !search.isDone && !!query.sort;
      if (search.isDone && !place.latest) search.count = search.rows.length;
    };
    return search;
  };

  const find = async (query, wanted) => {
    const search = await begin(query, true);
    await search.more(wanted);
    if (search.rows.length || !/[0-9]\s+[0-9]|[0-9][().\/-]+[0-9]/.test(query.text)) return search;
    const other = await begin(query, false); // the numbers were no telephone number
    await other.more(wanted);
    return other;
  };

  window.contactsheet = Object.assign(window.contactsheet ?? {}, { take, search: { find, facets: () => load("facets"), fold, words, numbers, terms } });
}
