import { mkdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import {
  defaultPngCompressionOptions,
  generateFavicon,
  generateTransparentAsset,
} from "@vite-pwa/assets-generator/api";
import { projectFolder } from "./project.mjs";

const publicFolder = `${projectFolder}client/public/`;
const mark = `${publicFolder}icon.svg`;
const fullBleed = `${projectFolder}client/icons/maskable.svg`;

/** The drawings are final: nothing is padded, so that each keeps the safe zone it was drawn with. */
const icons = [
  ...[64, 192, 512].map((size) => ({ from: mark, size, name: `pwa-${size}x${size}.png` })),
  { from: fullBleed, size: 512, name: "maskable-icon-512x512.png" },
  { from: fullBleed, size: 180, name: "apple-touch-icon-180x180.png" },
  ...["search", "add-member", "top-up"].map((action) => ({
    from: `${projectFolder}client/icons/shortcut-${action}.svg`,
    size: 192,
    name: `shortcut-${action}-192x192.png`,
  })),
];

mkdirSync(publicFolder, { recursive: true });
for (const { from, size, name } of icons)
  await writeFile(publicFolder + name, await draw(from, size));
await writeFile(`${publicFolder}favicon.ico`, await generateFavicon("png", await draw(mark, 48)));

/**
 * @param {string} drawing
 * @param {number} size pixels of a side
 */
async function draw(drawing, size) {
  const image = await generateTransparentAsset("png", readFileSync(drawing), size, {
    padding: 0,
    resizeOptions: { fit: "contain", background: "transparent" },
    outputOptions: { ...defaultPngCompressionOptions, quality: 100 },
  });
  return image.toBuffer();
}
