import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { type Action, usableTab } from "./action.ts";

/** The page as a PDF, kept where downloads go. */
export const pdf: Action = async (context) => {
  const tab = usableTab(context);
  const bytes = await tab.page.pdf({ printBackground: true, preferCSSPageSize: true });
  const title = (await tab.title()) || URL.parse(tab.page.url())?.hostname || "page";
  const path = await context.session.downloads.place(`${title}.pdf`);
  await writeFile(path, bytes, { mode: 0o600, flag: "wx" });
  const file = { name: basename(path), path, bytes: bytes.length };
  context.session.downloads.files.push(file);
  return { file: { ...file, mediaType: "application/pdf", data: bytes.toString("base64") } };
};
