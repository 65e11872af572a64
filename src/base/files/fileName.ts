import { partOf } from "../cutText.ts";

const MAX = 120;
// What would end a name, lead to another folder, or show it in another order than it has.
const STRANGE = /[\p{Bidi_Control}\p{Cc}\p{Cs}\u2028\u2029\u00ad\u180e\u200b\ufeff/\\:*?"<>|]/gu;

/** The last part of a path as a name that every system takes and shows as it is; its ending stays where it is cut. */
export function fileName(path: string): string {
  const last = path.split(/[\\/]/).findLast((part) => part !== "") ?? "";
  const name = last
    .replace(STRANGE, "_")
    .replace(/[. ]+$/, "")
    .trimStart();
  if (name === "") return "file";
  if (name.length <= MAX) return name;
  const [ending = ""] = /\.[\w-]{1,12}$/.exec(name) ?? [];
  return `${partOf(name, 0, MAX - ending.length)}${ending}`;
}
