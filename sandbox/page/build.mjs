// Makes dist/ from src/: run it after a change, and commit what it made. No Node is needed to use the page.
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { build } from "esbuild";

const LIBRARY = /node_modules[\\/]slack-blocks-to-jsx[\\/]dist[\\/](index\.mjs|style\.css)$/;

/** Slack's emoji names with their characters: the only part of emoji-datasource that the page needs. */
const emojiNames = {
  name: "emoji-names",
  setup(bundler) {
    bundler.onResolve({ filter: /^virtual:emoji$/ }, () => ({ path: "emoji", namespace: "virtual" }));
    bundler.onLoad({ filter: /.*/, namespace: "virtual" }, async () => {
      const all = JSON.parse(await readFile("node_modules/emoji-datasource/emoji.json", "utf8"));
      const byName = {};
      for (const one of all) {
        const characters = String.fromCodePoint(...one.unified.split("-").map((hex) => Number.parseInt(hex, 16)));
        for (const name of one.short_names) byName[name] = characters;
      }
      // The local Slack refuses reactions that Slack does not have: one emoji a line, its other names after it.
      await writeFile("../emoji.txt", `${all.map((one) => one.short_names.join(" ")).sort().join("\n")}\n`);
      return { contents: `export default ${JSON.stringify({ byName })}`, loader: "js" };
    });
  },
};

/** The library marks its root by a DOM id; a page with many messages would repeat it, so it becomes a class. */
const libraryWithoutIds = {
  name: "library-without-ids",
  setup(bundler) {
    bundler.onLoad({ filter: LIBRARY }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (path.endsWith(".css")) return { contents: text.replaceAll("#slack_blocks_to_jsx", ".slack_blocks_to_jsx"), loader: "css" };
      return { contents: text.replaceAll('id:"slack_blocks_to_jsx",', ""), loader: "js" };
    });
  },
};

const packageOf = (path) => {
  const parts = path.split(/[\\/]/);
  const at = parts.lastIndexOf("node_modules");
  if (at < 0) return null;
  const end = parts[at + 1].startsWith("@") ? at + 3 : at + 2;
  return parts.slice(0, end).join(sep);
};

async function licenceOf(folder) {
  const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name));
  const licence = typeof about.license === "string" ? about.license : (about.license?.type ?? "see below");
  const text = file ? await readFile(join(folder, file), "utf8") : `Licensed under ${licence}; the package carries no licence file.`;
  return { title: `${about.name} ${about.version} (${licence})`, text: text.trim() };
}

async function licences(metafile) {
  const folders = new Set(Object.keys(metafile.inputs).map(packageOf).filter(Boolean));
  folders.add(join("node_modules", "emoji-datasource"));
  // slack-blocks-to-jsx carries the yozora parser inside its own bundle, where the build cannot see it.
  folders.add(join("node_modules", "@yozora", "character"));
  const all = await Promise.all([...folders].sort().map(licenceOf));
  const head = "The page in this folder holds parts of these packages. Each is used under its own licence.\n";
  const line = "-".repeat(80);
  return [head, ...all.map(({ title, text }) => `${line}\n${title}\n${line}\n\n${text}\n`)].join("\n");
}

await rm("dist", { recursive: true, force: true });
await mkdir("dist", { recursive: true });
const result = await build({
  entryPoints: { app: "src/main.tsx", gallery: "src/gallery.tsx" },
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  jsx: "automatic",
  charset: "utf8",
  legalComments: "linked",
  metafile: true,
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [emojiNames, libraryWithoutIds],
  logLevel: "info",
});
for (const page of ["index.html", "gallery.html"]) await cp(join("src", page), join("dist", page));
await writeFile(join("dist", "LICENSES.txt"), await licences(result.metafile));
