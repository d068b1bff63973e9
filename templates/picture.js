/* Judges a picture as the program does, from its bytes and before it travels: kind, limits, size, way up, what is broken.
   What it lets through the program still judges for itself; this is so that nobody waits for a pipeline to be told. */
"use strict";

{
  const MAX_PIXELS = 50_000_000;
  const RECOMMENDED = 512;
  const TINY = 64;
  const MAX_SCANS = 64;
  const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  const AGAIN = "Export it again as JPEG or PNG from the original.";
  const ANEW = "Copy the original again or export it anew.";
  const FOREIGN = "Only JPEG and PNG are accepted. Export it again as one of them.";
  const NOTICES = ["avatar/not-square"];
  const WARNINGS = [
    "avatar/tiny", "avatar/small", "avatar/animated", "avatar/trailing-data", "avatar/location", "avatar/metadata-broken",
  ];

  // The first bytes of what is often mistaken for one of the two; a dot stands for any byte.
  const KINDS = [
    [/^GIF8[79]a/, "a GIF file"],
    [/^RIFF....WEBP/s, "a WebP file"],
    [/^(?:II[*+]\0|MM\0[*+])/, "a TIFF file"],
    [/^BM/, "a BMP file"],
    [/^....ftypavi[fs]/s, "an AVIF file"],
    [/^....ftyp(?:hei[cmsxf]|hev[cmsx]|mif1|msf1)/s, "an HEIC file"],
    [/^....ftyp/s, "an MP4 video file"],
    [/^\0\0\0\x0cjP {2}/, "a JPEG 2000 file"],
    [/^(?:\0\0\0\x0cJXL |\xff\x0a)/, "a JPEG XL file"],
    [/^\0\0[\x01\x02]\0[^\0]\0/, "an ICO file"],
    [/^\s{0,64}%PDF-/, "a PDF file"],
    [/^8BPS/, "a PSD file"],
    [/^PK(?:\x03\x04|\x05\x06|\x07\x08)/, "a ZIP file"],
    [/^[\s\xef\xbb\xbf]*<[\s\S]*<?svg[\s>]/i, "an SVG file"],
    [/^[\s\xef\xbb\xbf]*<(?:!doctype html|html|head|body|script|title|iframe|img|meta|div|[ap])[\s>]/i, "an HTML file"],
    [/^[\s\xef\xbb\xbf]*<\?xml/i, "an XML file"],
  ];

  class Refusal extends Error {
    constructor(rule, message, fix = AGAIN) {
      super(message);
      this.problem = finding(rule, message, fix);
    }
  }

  const finding = (rule, message, fix) => ({
    rule, message, fix,
    severity: NOTICES.includes(rule) ? "notice" : WARNINGS.includes(rule) ? "warning" : "error",
  });
  const damaged = (message) => new Refusal("avatar/damaged", message, ANEW);
  const broken = (message) =>
    finding("avatar/metadata-broken", `${message}; the picture itself is used`, "Export it again without metadata.");
  const animated = (message) =>
    finding("avatar/animated", `${message}; only the first is used`, "Save the wanted picture alone, as a plain JPEG or PNG.");
  const trailing = (count, end) =>
    finding(
      "avatar/trailing-data",
      `${count} ${count === 1 ? "byte follows" : "bytes follow"} ${end}; whoever has the repository has them, too`,
      "Look what they are, then export the picture again.",
    );
  const latin = (bytes, start, end) => String.fromCharCode(...bytes.subarray(start, end));

  const refuseImpossible = (width, height) => {
    const rule = "avatar/too-many-pixels";
    if (!width || !height) throw new Refusal(rule, `the picture says that it is ${width} × ${height} pixels, which is none`);
    if (width * height > MAX_PIXELS) {
      const limit = `at most ${MAX_PIXELS / 1e6} million in all are accepted`;
      const fix = "Scale it down: 512 × 512 is enough, 2000 × 2000 is plenty.";
      throw new Refusal(rule, `the picture has ${width} × ${height} pixels; ${limit}`, fix);
    }
  };

  /* What EXIF says of the way up and the place; and the number of pictures of an MPF index, which is built the same. */
  const readTiff = (bytes) => {
    const found = { orientation: 1, position: false, frames: 1 };
    const order = latin(bytes, 0, 4);
    if (bytes.length < 8 || (order !== "II*\0" && order !== "MM\0*")) return null;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const little = order[0] === "I";
    const short = (at) => (at + 2 <= bytes.length ? view.getUint16(at, little) : 0);
    const long = (at) => (at + 4 <= bytes.length ? view.getUint32(at, little) : 0);
    const entries = (at) => {
      const count = Math.min(short(at), 2000);
      return Array.from({ length: count }, (_, index) => at + 2 + 12 * index).filter((one) => one + 12 <= bytes.length);
    };
    for (const at of entries(long(4))) {
      const tag = short(at);
      if (tag === 0x0112 && short(at + 2) === 3) found.orientation = short(at + 8);
      if (tag === 0xb001) found.frames = long(at + 8) || 1;
      if (tag === 0x8825) {
        found.position = entries(long(at + 8)).some(
          (one) => [2, 4].includes(short(one)) && short(one + 2) === 5 &&
            [0, 1, 2].some((part) => long(long(one + 8) + 8 * part + 4)),
        );
      }
    }
    if (found.orientation < 1 || found.orientation > 8) found.orientation = 1;
    return found;
  };

  const walkJpeg = (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const way = { orientation: 1, frames: 1, warnings: [], exif: null };
    const isRestart = (code) => code >= 0xd0 && code <= 0xd7;
    const marker = (from, inScan) => {
      for (let at = bytes.indexOf(0xff, from); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
        const code = bytes[at + 1];
        if (code !== 0 && code !== 0xff && !(inScan && isRestart(code))) return at;
      }
      return -1;
    };
    let at = 2, scans = 0, stray = false;
    for (;;) {
      const found = marker(at, false);
      if (found < 0) throw damaged("the JPEG is cut off: its end marker (EOI) is missing");
      stray ||= bytes.subarray(at, found).some((byte) => byte !== 0xff);
      const code = bytes[found + 1];
      at = found + 2;
      if (code === 0xd9) break;
      if (isRestart(code) || code === 0x01) continue;
      if (code === 0xd8 || code < 0xc0) throw damaged(`the JPEG is damaged: a marker at byte ${found} does not belong there`);
      const length = at + 2 <= bytes.length ? view.getUint16(at) : 0;
      if (at + 2 > bytes.length || at + length > bytes.length) throw damaged("the JPEG is cut off inside a segment");
      if (length < 2) throw damaged(`the JPEG is damaged: the segment at byte ${found} has an impossible length`);
      const body = bytes.subarray(at + 2, at + length);
      at += length;
      if (code === 0xda) {
        if (!way.width) throw damaged("the JPEG is damaged: picture data come before its size");
        scans += 1;
        if (scans > MAX_SCANS) {
          throw new Refusal("avatar/too-many-scans", `the JPEG has more than ${MAX_SCANS} scans, each of which takes time to decode`,
            "Save it again as an ordinary JPEG.");
        }
        at = marker(at, true);
        if (at < 0) throw damaged("the JPEG is cut off: its picture data have no end");
      } else if ([0xc0, 0xc1, 0xc2, 0xc9, 0xca].includes(code)) {
        visitFrame(way, body);
      } else if (code >= 0xc3 && code <= 0xcf && ![0xc4, 0xcc].includes(code)) {
        throw new Refusal("avatar/undecodable", "the JPEG is of a kind that browsers cannot show");
      } else {
        visitSegment(way, code, body);
      }
    }
    if (!way.width || !scans) throw damaged("the JPEG ends before a picture begins");
    if (stray) way.warnings.push(broken("stray bytes lie between the JPEG's segments"));
    if (way.frames > 1) way.warnings.push(animated(`the file holds ${way.frames} pictures (frames, a depth or a gain map)`));
    else if (bytes.length > at) way.warnings.push(trailing(bytes.length - at, "the JPEG's end marker"));
    return way;
  };

  const visitFrame = (way, body) => {
    if (way.width) throw damaged("the JPEG is damaged: it declares its size twice");
    const channels = body[5];
    if (body.length < 6 || body.length !== 6 + 3 * channels) throw damaged("the JPEG is damaged: the segment with its size is broken");
    const [height, width] = [body[1] * 256 + body[2], body[3] * 256 + body[4]];
    refuseImpossible(width, height);
    const rule = "avatar/undecodable";
    if (body[0] !== 8) throw new Refusal(rule, `the JPEG has ${body[0]} bits a sample; browsers show those with 8`);
    if (![1, 3, 4].includes(channels)) throw new Refusal(rule, `the JPEG has ${channels} colour channels; only 1, 3 and 4 can be shown`);
    Object.assign(way, { width, height });
  };

  const visitSegment = (way, code, body) => {
    if (code === 0xe1 && latin(body, 0, 5) === "Exif\0" && !way.exif) {
      way.exif = readTiff(body.subarray(6));
      if (!way.exif) way.warnings.push(broken("the EXIF data do not begin as EXIF does"));
      way.orientation = way.exif?.orientation ?? 1;
      if (way.exif?.position) way.warnings.push(positioned());
    } else if (code === 0xe2 && latin(body, 0, 4) === "MPF\0") {
      way.frames = Math.max(way.frames, readTiff(body.subarray(4))?.frames ?? 1);
    }
  };

  const positioned = () =>
    finding("avatar/location", "the file says where the photo was taken; whoever has the repository can read it",
      "Export it without metadata, or run `python build.py clean-avatar ID` before it is pushed.");

  const CRC = Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value;
  });
  const crc = (bytes) => {
    let value = 0xffffffff;
    for (const byte of bytes) value = CRC[(value ^ byte) & 0xff] ^ (value >>> 8);
    return (value ^ 0xffffffff) >>> 0;
  };
  const DEPTHS = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };

  const walkPng = (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const way = { orientation: 1, frames: 1, warnings: [], data: "before", palette: false };
    let at = 8;
    for (;;) {
      if (at + 12 > bytes.length) throw damaged("the PNG is cut off: its end (IEND) is missing");
      const length = view.getUint32(at), kind = latin(bytes, at + 4, at + 8), stop = at + 12 + length;
      if (!/^[A-Za-z]{4}$/.test(kind)) throw damaged(`the PNG is damaged: what should be a chunk at byte ${at} is none`);
      if (stop > bytes.length) throw damaged(`the PNG is cut off inside the chunk ${kind} at byte ${at}`);
      if (crc(bytes.subarray(at + 4, stop - 4)) !== view.getUint32(stop - 4)) {
        throw damaged(`the PNG is damaged: the checksum (CRC) of the chunk ${kind} is wrong`);
      }
      const body = bytes.subarray(at + 8, stop - 4);
      at = stop;
      if (!way.width) visitHeader(way, kind, body);
      else if (kind === "IEND") break;
      else visitChunk(way, kind, body);
    }
    if (way.data === "before") throw damaged("the PNG is damaged: it has no picture data (IDAT)");
    if (way.frames > 1) way.warnings.push(animated(`the PNG is an animation of ${way.frames} frames`));
    if (bytes.length > at) way.warnings.push(trailing(bytes.length - at, "the PNG's end (IEND)"));
    return way;
  };

  const visitHeader = (way, kind, body) => {
    if (kind === "CgBI") throw new Refusal("avatar/undecodable", "the PNG is in Apple's private form for apps, which browsers cannot show");
    if (kind !== "IHDR" || body.length !== 13) throw damaged("the PNG is damaged: it does not begin with its header (IHDR)");
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const [width, height, bits, colour] = [view.getUint32(0), view.getUint32(4), body[8], body[9]];
    refuseImpossible(width, height);
    if (!DEPTHS[colour]?.includes(bits)) throw damaged(`the PNG is damaged: there is no colour type ${colour} with ${bits} bits`);
    if (body[10] || body[11] || body[12] > 1) throw damaged("the PNG is damaged: its header names a method of packing that does not exist");
    Object.assign(way, { width, height, colour });
  };

  const visitChunk = (way, kind, body) => {
    if (way.data === "now" && kind !== "IDAT") way.data = "after";
    if (kind === "IDAT") {
      if (way.data === "after") throw damaged("the PNG is damaged: its picture data (IDAT) are torn apart by another chunk");
      if (way.colour === 3 && !way.palette) throw damaged("the PNG is damaged: its palette (PLTE) is missing");
      way.data = "now";
    } else if (kind === "IHDR") {
      throw damaged("the PNG is damaged: it has two headers (IHDR)");
    } else if (kind === "PLTE") {
      if (way.palette || way.data !== "before") throw damaged("the PNG is damaged: its palette (PLTE) comes twice or too late");
      way.palette = true;
    } else if (!(kind.charCodeAt(0) & 0x20)) {
      throw damaged(`the PNG is damaged: it has a chunk ${kind} that no reader knows`);
    } else if (kind === "acTL" && body.length >= 4) {
      way.frames = Math.max(way.frames, new DataView(body.buffer, body.byteOffset).getUint32(0));
    } else if (kind === "eXIf" && !way.exif) {
      way.exif = readTiff(latin(body, 0, 4) === "Exif" ? body.subarray(6) : body);
      way.orientation = way.exif?.orientation ?? 1;
      if (way.exif?.position) way.warnings.push(positioned());
    }
  };

  const refuseForeign = (bytes) => {
    if (!bytes.length) throw new Refusal("avatar/not-a-picture", "the file is empty", "Choose a JPEG or PNG.");
    const head = latin(bytes, 0, 4096);
    if (head.startsWith("version https://git-lfs.github.com/spec/")) {
      throw new Refusal("avatar/lfs-pointer", "the file is a Git LFS pointer, a few lines of text in place of the picture",
        "Fetch the picture with `git lfs pull`.");
    }
    if (PNG.every((byte, index) => bytes[index] === byte)) return "PNG";
    if (bytes[0] === 0xff && bytes[1] === 0xd8) return "JPEG";
    const kind = KINDS.find(([pattern]) => pattern.test(head));
    if (kind) throw new Refusal("avatar/name-lies", `this is ${kind[1]}`, FOREIGN);
    if (PNG.filter((byte, index) => bytes[index] === byte).length >= 6 || head.slice(1, 4) === "PNG") {
      throw damaged("the first eight bytes are almost a PNG's; they were altered, as by a transfer in text mode");
    }
    throw new Refusal("avatar/not-a-picture", "the file is neither JPEG nor PNG, nor of any other known kind");
  };

  /* Python rounds halves to the even number, and so do the program's messages. */
  const rounded = (value) => {
    const whole = Math.floor(value);
    return value - whole === 0.5 ? whole + (whole & 1) : Math.round(value);
  };

  const shape = (width, height) => {
    const found = [], short = Math.min(width, height);
    const fix = `Use a picture of at least ${RECOMMENDED} × ${RECOMMENDED} pixels.`;
    if (short < TINY) found.push(finding("avatar/tiny", `${width} × ${height} pixels: too few to recognise anyone`, fix));
    else if (short < RECOMMENDED) found.push(finding("avatar/small", `${width} × ${height} pixels: enlarged, it looks blurred`, fix));
    if (width !== height) {
      const cut = rounded(Math.abs(width - height) / 2);
      const [first, second] = width > height ? ["left", "right"] : ["top", "bottom"];
      const words = cut
        ? `cropped to the middle square, ${cut} cut off at the ${first} and at the ${second}`
        : "cropped to a square, by less than a pixel";
      const choose = "Choose what stays with `avatar: {focus: top}` (or another side), or `fit: contain`.";
      found.push(finding("avatar/not-square", `${width} × ${height} pixels: ${words}`, choose));
    }
    return found;
  };

  /* The verdict on a picture: its format and upright size in pixels (both empty where it is refused), and all problems,
     each with rule, severity, message and fix. `limit` is in bytes. */
  const judge = (bytes, limit) => {
    const verdict = { format: "", width: 0, height: 0, problems: [] };
    try {
      if (bytes.length > limit) {
        const count = (number) => number.toLocaleString("en");
        throw new Refusal("avatar/too-large", `it has ${count(bytes.length)} bytes; ${count(limit)} are allowed`,
          "Save it smaller: 512 × 512 pixels are enough.");
      }
      const format = refuseForeign(bytes);
      const way = format === "PNG" ? walkPng(bytes) : walkJpeg(bytes);
      const [width, height] = way.orientation > 4 ? [way.height, way.width] : [way.width, way.height];
      Object.assign(verdict, { format, width, height, problems: [...way.warnings, ...shape(width, height)] });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      verdict.problems = [error.problem];
    }
    return verdict;
  };

  /* The same with the browser's own decoder as a second witness: it sees damage that the structure does not show. */
  const judgeFile = async (file, limit) => {
    if (file.size > limit) return judge({ length: file.size }, limit);
    const verdict = judge(new Uint8Array(await file.arrayBuffer()), limit);
    if (!verdict.format) return verdict;
    const address = URL.createObjectURL(file);
    const image = new Image();
    image.src = address;
    try {
      await image.decode();
    } catch {
      const refused = damaged(`the ${verdict.format} is damaged; this browser cannot decode it`);
      return { format: "", width: 0, height: 0, problems: [refused.problem] };
    } finally {
      URL.revokeObjectURL(address);
    }
    return verdict;
  };

  window.contactsheet = Object.assign(window.contactsheet ?? {}, { judge, judgeFile });
}
