import { visible } from "../../base/visible.ts";

export interface WiderQuestion {
  file: string;
  changes: { key: string; value: string }[];
}

/** Every key with its whole value, a line each: what is allowed is what is read, so nothing is cut. */
export function widerText(changes: WiderQuestion["changes"]): string {
  return changes.map(({ key, value }) => `${visible(key)}: ${visible(value)}`).join("\n");
}
