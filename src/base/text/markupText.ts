/** A text as it stands in HTML or XML, between tags or in an attribute in double quotes. */
export function markupText(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
