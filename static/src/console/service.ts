// The saved service of the page: saving, copying, binding and deleting it. The form holds
// the changes that are not saved.

import { blank, changed, copyBody, formOf, serviceBody, type Binding, type Form, type ServiceForm } from "../forms"
import { may } from "../identity"
import { say } from "../text"
import { confirm, toast, type ProblemLine } from "../ui"
import { bindSecret, deleteService, parseError, readService, saveService, type Service, type Setting, type WireError } from "../wire"

export interface ServiceDeps {
  filled(form: Form): void // the form was replaced by the saved service
  saved(service: Service): void
  deleted(): void
  problem: ProblemLine // tells what was not done
}

const mostCopies = 20 // names to try for a copy

export class SavedService {
  saved: Form // without later changes; blank before the first save

  constructor(private readonly form: ServiceForm, private readonly settings: readonly Setting[], private readonly deps: ServiceDeps) {
    this.saved = blank(settings)
  }

  get id(): string {
    return this.saved.service
  }

  get isChanged(): boolean {
    return changed(this.form.value(), this.saved)
  }

  adopt(service: Service): void {
    this.fill(formOf(service, this.settings))
  }

  fill(form: Form): void {
    this.saved = form
    this.form.update(form)
    this.deps.filled(form)
  }

  async save(): Promise<void> {
    await this.store(this.form.value())
  }

  // saveAsNew saves a copy under the typed name, or under the first free name.
  async saveAsNew(): Promise<void> {
    const form = { ...this.form.value(), service: "", demo: "", owner: "", mayChange: true }
    const { id, saved: { name } } = this
    if (form.name !== name) return void (await this.store(form, id))
    for (let n = 1; n <= mostCopies; n++) {
      const copy = n === 1 ? say("page.copy_of", { name }) : say("page.copy_of.nth", { name, n })
      if (await this.store({ ...form, name: copy }, id, n < mostCopies)) return
    }
  }

  // revert discards the changes and reads the service from the server again.
  async revert(): Promise<void> {
    if (!this.id) return this.fill(this.saved)
    const { ok } = await readService(this.id)
    if (ok) this.adopt(ok)
  }

  // bind changes the targets of a stored secret and leaves the form alone.
  async bind(field: string, binding: Binding): Promise<WireError | null> {
    const { ok, error } = await bindSecret(this.id, field.replace(/^secrets\./, ""), binding)
    if (!ok) return error
    this.saved = { ...this.saved, kept: ok.credential.secrets }
    this.form.keep(ok.credential.secrets)
    toast(say("binding.saved"))
    return null
  }

  async remove(): Promise<void> {
    const { id, saved: { name } } = this
    if (!id) return
    const sure = await confirm(say("page.delete.question", { name }), say("page.delete.detail"), say("page.delete"))
    if (!sure) return
    const { error } = await deleteService(id)
    if (!this.deps.problem.told(error)) this.deps.deleted()
  }

  // store saves a form; copyOf is the id of the service that it copies, or "". It returns
  // false when the name is taken and others remain.
  private async store(form: Form, copyOf = "", others = false): Promise<boolean> {
    if (!may("member")) return this.told(say("identity.may.member"))
    if (!form.name.trim()) return this.failed(parseError({ field: "name", message: say("page.service.name.missing") }))
    const { ok, error } = await saveService(form.service, copyOf ? copyBody(form, copyOf) : serviceBody(form))
    if (error?.code === "name_taken" && others) return false
    if (error) return this.failed(copyOf && error.code === "missing_secret" ? { ...error, rule: "copy" } : error)
    this.adopt(ok)
    this.deps.saved(ok)
    this.deps.problem.tell("")
    toast(say(Object.values(ok.credential.secrets).every(({ usable }) => usable) ? "page.saved" : "page.saved.elsewhere"))
    return true
  }

  private failed(error: WireError): boolean {
    this.deps.problem.tell(this.form.fail(error, false) ? "" : error.message)
    return true
  }

  private told(sentence: string): boolean {
    this.deps.problem.tell(sentence)
    return true
  }
}
