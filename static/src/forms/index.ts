// The form of a service: address, parameters, headers, credential, settings.

export type { Binding } from "./binding"
export { codeOf, isSigned, type CodeKind } from "./code"
export { addressOf, adHoc, amountOf, blank, changed, copyBody, formOf, partsOf, serviceBody, sessionBody, soundsSecret, type Form } from "./form"
export { regionOf } from "./secret-check"
export { ServiceForm } from "./service-form"
export { normalize, paramsOf, scheme, split, type Param, type Tidied } from "./address"
