// Prints the CycloneDX document of a Go program with the npm packages of the page that the
// program holds, as package-lock.json has them. usage: node .ci/sbom.mjs GO.json package-lock.json
import { readFileSync } from "node:fs"

const [program, lock] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf8")))
const nameOf = (path) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)
const refOf = (name, version) => `pkg:npm/${name.replace("@", "%40")}@${version}`
const packages = Object.entries(lock.packages).filter(([path, { dev }]) => path !== "" && !dev)

// refsOf resolves names of packages as Node does: in the folder itself, then above it.
function refsOf(path, dependencies = {}) {
  return Object.keys(dependencies).flatMap((name) => {
    for (let at = path; ; at = at.slice(0, Math.max(at.lastIndexOf("/node_modules/"), 0))) {
      const found = lock.packages[`${at}${at && "/"}node_modules/${name}`]
      if (found) return [refOf(name, found.version)]
      if (at === "") return []
    }
  })
}

for (const [path, { version, license, integrity }] of packages) {
  const name = nameOf(path)
  const [algorithm, digest] = integrity.split("-")
  program.components.push({
    "bom-ref": refOf(name, version), type: "library", name, version, purl: refOf(name, version), licenses: [{ license: { id: license } }],
    hashes: [{ alg: algorithm.replace("sha", "SHA-"), content: Buffer.from(digest, "base64").toString("hex") }],
  })
}
const root = program.metadata.component["bom-ref"]
const own = program.dependencies.find(({ ref }) => ref === root) ?? program.dependencies[program.dependencies.push({ ref: root }) - 1]
own.dependsOn = [...(own.dependsOn ?? []), ...refsOf("", lock.packages[""].dependencies)]
for (const [path, { version, dependencies }] of packages) {
  const dependsOn = refsOf(path, dependencies)
  program.dependencies.push({ ref: refOf(nameOf(path), version), ...(dependsOn.length > 0 ? { dependsOn } : {}) })
}
process.stdout.write(JSON.stringify(program, null, 2) + "\n")
