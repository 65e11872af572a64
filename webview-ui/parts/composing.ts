/** While an input method composes, its keys are its own, Enter and Escape too; 229 is how it says so in the last event. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
