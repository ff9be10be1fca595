// A text field that is as high as its text, up to the limit of its style.

// growing follows the text that a person types, and returns a function for a text that a
// script sets. Browsers with field-sizing do it by themselves.
export function growing(field: HTMLTextAreaElement, signal: AbortSignal): () => void {
  if (CSS.supports("field-sizing", "content")) return () => undefined
  field.rows = 1
  const fit = () => {
    field.style.height = "auto"
    field.style.height = `${field.scrollHeight}px`
  }
  field.addEventListener("input", fit, { signal })
  return fit
}
