// Fields of the Settings tab: a label, an input, a hint and room for an error.

import { say } from "../text"
import { element } from "../ui"
import type { Setting } from "../wire"

const MiB = 1 << 20

// SettingInput is the input of a setting.
export class SettingInput {
  readonly control: HTMLInputElement
  readonly field: HTMLElement

  constructor(readonly setting: Setting) {
    const { key, kind, least, most, zeroIsOff } = setting
    const number = { type: "number", class: "input short" }
    switch (kind) {
      case "flag":
        this.control = check(key)
        this.field = field(key, this.control)
        break
      case "duration":
        this.control = text(key, { ...number, min: zeroIsOff ? 0 : least, max: most, step: 1, inputmode: "numeric" })
        this.field = field(key, unit(this.control, "page.unit.seconds"))
        break
      case "bytes":
        this.control = text(key, { ...number, min: 0.001, max: most / MiB, step: "any", inputmode: "decimal" })
        this.field = field(key, unit(this.control, "page.unit.mib"))
        break
      case "count":
        this.control = text(key, { ...number, min: least, max: most, step: 1, inputmode: "numeric" })
        this.field = field(key, this.control)
    }
  }

  // value returns the typed value. An empty input is off, or the default.
  value(): number | boolean {
    const { kind, least, zeroIsOff, default: usual } = this.setting
    const typed = Number(this.control.value)
    switch (kind) {
      case "flag":
        return this.control.checked
      case "duration":
        return Math.max(0, typed || (zeroIsOff ? 0 : Number(usual)))
      case "bytes":
        return Math.max(least, Math.round((typed || Number(usual) / MiB) * MiB))
      case "count":
        return this.control.value ? Math.max(0, Math.round(typed)) : Number(usual)
    }
  }

  update(value: number | boolean): void {
    if (this.setting.kind === "flag") this.control.checked = value === true
    else this.control.value = String(this.setting.kind === "bytes" ? Number(value) / MiB : value)
  }

  lock(on: boolean): void {
    if (this.setting.kind === "flag") this.control.disabled = on
    else this.control.readOnly = on
  }
}

// named holds the attributes by which scripts, labels and errors find an input.
export function named(key: string): Record<string, string> {
  return { id: `setting-${key}`, "data-testid": `setting-${key}`, "aria-describedby": `setting-${key}-help setting-${key}-error`, spellcheck: "false", autocomplete: "off" }
}

export function text(key: string, attributes: Record<string, string | number>): HTMLInputElement {
  return element("input", { ...named(key), ...attributes })
}

export function check(key: string): HTMLInputElement {
  return element("input", { ...named(key), type: "checkbox", class: "check" })
}

function unit(control: HTMLElement, sentence: string): HTMLElement {
  return element("span", { class: "with-unit" }, control, element("span", { class: "unit" }, say(sentence)))
}

export function field(key: string, control: HTMLElement, ...below: HTMLElement[]): HTMLElement {
  return element(
    "div",
    { class: "field" },
    element("label", { for: `setting-${key}` }, say(`page.setting.${key}`)),
    element(
      "div",
      { class: "field-body" },
      control,
      element("p", { class: "help", id: `setting-${key}-help` }, say(`page.setting.${key}.help`)),
      ...below,
      element("p", { class: "field-error", id: `setting-${key}-error` }),
    ),
  )
}
