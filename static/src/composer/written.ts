// The message in the composer, as a draft stores it.

export interface Written {
  type: string
  text: string
  source: string // of a binary message: file, hex or base64
  hex: string
  base64: string
}
