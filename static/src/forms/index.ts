// The form of a service: address, parameters, headers, credential, settings.

export type { Param } from "./address"
export type { Binding } from "./binding"
export { codeOf, isSigned, type CodeKind } from "./code"
export { addressOf, adHoc, amountOf, blank, changed, copyBody, formOf, partsOf, serviceBody, sessionBody, soundsSecret, type Form } from "./form"
export { ServiceForm } from "./service-form"
