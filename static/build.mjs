// Builds dist: hashed scripts and styles, the icon sprite, and manifest.json, which
// maps the names pages use to the addresses they are served at. With --tests it
// bundles test/*.test.ts into .test for node --test instead.
import { createHash } from "node:crypto"
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"

const here = path.dirname(fileURLToPath(import.meta.url))
process.chdir(here)
const dev = process.argv.includes("--dev")
const base = "/assets/"
const catalogue = "../views/text" // a folder for each language, with a file for each topic
const pages = ["console", "start", "history"] // with a script of their own; app is that of the others
const styles = ["style", "start", "history"] // style is that of every page
const saidByServer = new Set(["diagnosis.json", "error.json", "mistake.json", "setting.json"]) // on its pages, or with the answers they belong to

const common = {
  bundle: true,
  target: ["es2024", "chrome123", "firefox128", "safari18"],
  minify: !dev,
  sourcemap: dev ? "inline" : false,
  legalComments: "none",
  logLevel: "warning",
}

if (process.argv.includes("--tests")) await bundleTests()
else await bundlePage()

async function bundlePage() {
  await rm("dist", { recursive: true, force: true })
  await mkdir("dist", { recursive: true })
  await writeFile("dist/.gitkeep", "")
  const manifest = {}
  manifest["icons.svg"] = await writeHashed("icons.svg", await sprite())
  manifest["mark.svg"] = await writeHashed("mark.svg", await readFile("src/ui/mark.svg", "utf8"))
  for (const entry of await readdir(catalogue, { withFileTypes: true })) {
    const name = `text-${entry.name}.js`
    if (entry.isDirectory()) manifest[name] = await writeHashed(name, await sentences(entry.name))
  }
  const hashed = { ...common, outdir: "dist", entryNames: "[name]-[hash]", metafile: true }
  // The worker is no module, and theme runs before the first paint. The microphone is
  // the script of the audio thread.
  const plain = await build({
    ...hashed,
    entryPoints: { worker: "src/worker/main.ts", theme: "src/app/early.ts", microphone: "src/prompt/worklet.ts", measure: "src/speech/measure.ts" },
    format: "iife",
  })
  note(manifest, plain.metafile)
  const page = await build({
    ...hashed,
    entryPoints: [
      { in: "src/app/index.ts", out: "app" },
      ...pages.map((name) => ({ in: `src/app/${name}.ts`, out: name })),
      ...styles.map((name) => ({ in: `src/css/${name}.css`, out: name })),
    ],
    format: "esm",
    splitting: true,
    chunkNames: "chunk-[hash]",
    define: {
      WORKER_URL: JSON.stringify(manifest["worker.js"] ?? ""),
      MEASURE_URL: JSON.stringify(manifest["measure.js"] ?? ""),
      MICROPHONE_URL: JSON.stringify(manifest["microphone.js"] ?? ""),
      SPRITE_URL: JSON.stringify(manifest["icons.svg"]),
    },
  })
  note(manifest, page.metafile)
  await writeFile("dist/manifest.json", JSON.stringify(manifest, null, 2) + "\n")
  await compress()
}

// compress writes each asset a second time, for browsers that take gzip: all do.
async function compress() {
  for (const name of await readdir("dist")) {
    if (/\.(js|css|svg)$/.test(name)) await writeFile(`dist/${name}.gz`, gzipSync(await readFile(`dist/${name}`), { level: 9 }))
  }
}

// note adds a build's entry points to the manifest: "app.js" -> "/assets/app-XYZ.js".
function note(manifest, metafile) {
  for (const [file, output] of Object.entries(metafile.outputs)) {
    const name = path.basename(file)
    if (!output.entryPoint || name.startsWith("chunk-")) continue // chunks are found by import
    manifest[name.replace(/-[A-Z0-9]{8}\./, ".")] = base + name
  }
}

// sentences is a language's script: every topic of the catalogue but those that only
// the server says. A page names the one it is written in, so that no other is loaded.
async function sentences(language) {
  const folder = path.join(catalogue, language)
  const all = {}
  for (const topic of await readdir(folder)) {
    if (!saidByServer.has(topic)) Object.assign(all, JSON.parse(await readFile(path.join(folder, topic), "utf8")))
  }
  return `globalThis.SENTENCES = ${JSON.stringify(all)}\n`
}

// sprite holds the icons that src/ui/icons.txt lists, as symbols of one file.
async function sprite() {
  const names = (await readFile("src/ui/icons.txt", "utf8")).split("\n").filter(Boolean)
  const symbols = []
  for (const name of names) {
    const svg = await readFile(`node_modules/lucide-static/icons/${name}.svg`, "utf8")
    const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"))
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s+/g, " ").trim()}</symbol>`)
  }
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`
}

async function writeHashed(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase()
  const file = name.replace(".", `-${hash}.`)
  await writeFile(path.join("dist", file), content)
  return base + file
}

async function bundleTests() {
  await rm(".test", { recursive: true, force: true })
  const tests = (await readdir("test")).filter((name) => name.endsWith(".test.ts"))
  await build({
    ...common,
    minify: false,
    sourcemap: "inline",
    entryPoints: tests.map((name) => path.join("test", name)),
    outdir: ".test",
    outExtension: { ".js": ".mjs" },
    platform: "node",
    format: "esm",
    target: "node20",
    define: { WORKER_URL: '""', MEASURE_URL: '""', MICROPHONE_URL: '""', SPRITE_URL: '""' },
    banner: { js: await sentences("en") },
  })
}
