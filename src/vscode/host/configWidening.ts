import { visible } from "../../base/text/visible.ts";

export interface ConfigWidening {
  file: string;
  changes: { key: string; value: string }[];
}

/** Every key with its whole value, a line each: what is allowed is what is read, so nothing is cut. */
export function wideningText(changes: ConfigWidening["changes"]): string {
  return changes.map(({ key, value }) => `${visible(key)}: ${visible(value)}`).join("\n");
}
