// Writes src/wire/schema.ts, the types of the API document, the scalars of its objects and
// the maxima of its parameters, after checking the document against the JSON Schema of OpenAPI. With --check it fails when
// the file is not current.
import { readFile, writeFile } from "node:fs/promises"
import { Validator } from "@seriousme/openapi-schema-validator"
import openapiTS, { astToString } from "openapi-typescript"

const document = new URL("../../handlers/openapi.yaml", import.meta.url)
const types = new URL("../src/wire/schema.ts", import.meta.url)

const validator = new Validator()
const result = await validator.validate(await readFile(document, "utf8"))
if (!result.valid) {
  console.error("handlers/openapi.yaml is not valid:", result.errors)
  process.exit(1)
}
const ast = await openapiTS(document, {
  rootTypes: true,
  rootTypesNoSchemaPrefix: true,
  enumValues: true,
  defaultNonNullable: false, // a field with a default may be left out of a request
})
const text = `// Generated from handlers/openapi.yaml by "make generate". Do not edit.\n\n${astToString(ast)}${scalars()}${maxima()}`
if (!process.argv.includes("--check")) await writeFile(types, text)
else if ((await readFile(types, "utf8").catch(() => "")) !== text) {
  console.error('static/src/wire/schema.ts is not current: run "make generate"')
  process.exit(1)
}

// scalars returns a table for each object: its texts, numbers and flags, each with the value
// that replaces a missing one. scalarsOf in src/wire/shape.ts reads it.
function scalars() {
  const none = { string: "", integer: 0, number: 0, boolean: false }
  return Object.entries(validator.resolveRefs().components.schemas)
    .map(([name, { properties }]) => {
      const fields = Object.entries(properties ?? {}).filter(([, { type }]) => type in none)
      return [name, Object.fromEntries(fields.map(([field, { type, default: value }]) => [field, value ?? none[type]]))]
    })
    .filter(([, fields]) => Object.keys(fields).length > 0)
    .map(([name, fields]) => `export const ${name.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (capitals) => capitals.toLowerCase())}Scalars = ${JSON.stringify(fields)};\n`)
    .join("")
}

// maxima returns a constant for each query parameter with a maximum, of all operations.
function maxima() {
  const operations = Object.values(validator.resolveRefs().paths).flatMap((path) => Object.values(path))
  return operations
    .flatMap(({ operationId, parameters = [] }) => parameters.filter(({ schema }) => schema?.maximum !== undefined).map(({ name, schema }) => [operationId, name, schema.maximum]))
    .map(([operation, name, maximum]) => `export const ${operation}_${name}_maximum`.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()) + ` = ${maximum};\n`)
    .join("")
}
