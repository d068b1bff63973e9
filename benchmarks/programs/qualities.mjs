// A 512 x 512 WebP thumbnail by sharp at each of many qualities, to find the one that needs as many bytes as another's.
// node qualities.mjs FOLDER_WITH_SHARP OUTPUT LOWEST HIGHEST PICTURE...
import { createRequire } from "node:module";
import { join, parse } from "node:path";

const [installed, output, lowest, highest, ...pictures] = process.argv.slice(2);
const sharp = createRequire(join(installed, "package.json"))("sharp");

for (const picture of pictures) {
  const { data, info } = await sharp(picture)
    .rotate()
    .resize(512, 512, { fit: "cover" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  for (let quality = Number(lowest); quality <= Number(highest); quality++) {
    await sharp(data, { raw }).webp({ quality }).toFile(join(output, `${parse(picture).name}-${quality}.webp`));
  }
}
