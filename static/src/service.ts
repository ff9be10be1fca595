// The service that the page is about: as it is saved, and what saving, copying, binding
// and deleting it come to. The form is what a person makes of it meanwhile.

import { bindSecret, deleteService, readService, saveService } from "./api"
import { confirm } from "./dialogs"
import { blank, changed, formOf, serviceBody, type Form } from "./form"
import type { Binding } from "./forms/binding"
import type { ServiceForm } from "./forms/index"
import { may } from "./role"
import { say } from "./text"
import { toast } from "./toast"
import { parseError, type Service, type WireError } from "./wire"

export interface ServiceDeps {
  filled(form: Form): void // the form was replaced by what is saved
  saved(service: Service): void
  deleted(): void
}

export class SavedService {
  saved: Form // without what was written since; blank before anything was saved

  constructor(private readonly form: ServiceForm, private readonly mostBytes: number, private readonly deps: ServiceDeps) {
    this.saved = blank(mostBytes)
  }

  get id(): string {
    return this.saved.service
  }

  get isChanged(): boolean {
    return changed(this.form.value(), this.saved)
  }

  adopt(service: Service): void {
    this.fill(formOf(service, this.mostBytes))
  }

  fill(form: Form): void {
    this.saved = form
    this.form.set(form)
    this.deps.filled(form)
  }

  save(): Promise<void> {
    return this.store(this.form.value())
  }

  saveAsNew(): Promise<void> {
    const form = this.form.value()
    const name = form.name === this.saved.name ? say("page.copy_of", { name: form.name }) : form.name
    return this.store({ ...form, service: "", demo: "", owner: "", mayChange: true, name })
  }

  // revert shows what is saved, as the server has it now.
  async revert(): Promise<void> {
    if (!this.id) return this.fill(this.saved)
    const { ok } = await readService(this.id)
    if (ok) this.adopt(ok)
  }

  // bind changes where a kept secret may go, and leaves what is being edited alone.
  async bind(field: string, binding: Binding): Promise<WireError | null> {
    const { ok, error } = await bindSecret(this.id, field, binding)
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
    if (error) return toast(error.message)
    this.deps.deleted()
  }

  private async store(form: Form): Promise<void> {
    if (!may("member")) return toast(say("identity.may.member"))
    if (!form.name.trim()) return void this.form.fail(parseError({ field: "name", message: say("page.service.name.missing") }), false)
    const { ok, error } = await saveService(form.service, serviceBody(form))
    if (error) return void (this.form.fail(error, false) || toast(error.message))
    this.adopt(ok)
    this.deps.saved(ok)
    toast(say(Object.values(ok.credential.secrets).every(({ usable }) => usable) ? "page.saved" : "page.saved.elsewhere"))
  }
}
