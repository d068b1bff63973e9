// Thumbnails with sharp, several at once: upright, cropped, 512 and 96 pixels, both from one decode, without any check.
// node thumbnails.mjs FOLDER_WITH_SHARP AVATARS OUTPUT AT_ONCE QUALITY EFFORT
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, parse } from "node:path";

const [installed, avatars, output, atOnce, quality, effort] = process.argv.slice(2);
const sharp = createRequire(join(installed, "package.json"))("sharp");
const encoding = { quality: Number(quality), effort: Number(effort) };
sharp.cache(false);
sharp.concurrency(1); // a thread a picture, as many pictures at once as there are cores: faster than threads within one

async function make(name) {
  const target = join(output, parse(name).name);
  const { data, info } = await sharp(join(avatars, name))
    .rotate()
    .resize(512, 512, { fit: "cover" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  await sharp(data, { raw }).webp(encoding).toFile(`${target}-512.webp`);
  await sharp(data, { raw }).resize(96, 96).webp(encoding).toFile(`${target}-96.webp`);
}

const names = readdirSync(avatars).sort();
await Promise.all(
  Array.from({ length: Number(atOnce) }, async () => {
    for (let name = names.shift(); name; name = names.shift()) await make(name);
  }),
);
