/** A name as a line of an answer shows it: one with line breaks or other controls as JSON, so that it fakes no other line. */
export function shownName(name: string): string {
  return CONTROLS.test(name) ? JSON.stringify(name) : name;
}

const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
