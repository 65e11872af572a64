import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Page } from "playwright-core";
import { AppError } from "../../base/appError.ts";
import { pageFunction } from "../page/pageFunction.ts";
import { isPdf } from "../page/unreadable.ts";
import { type Action, usableTab } from "./action.ts";

const MAX_BYTES = 45_000_000;

/** The page as a PDF, kept where downloads go: printed, or the file itself where the page is one. */
export const pdf: Action = async (context) => {
  const tab = usableTab(context);
  const { page } = tab;
  const isFile = await isPdf(page);
  const bytes = isFile ? await shownFile(page) : await page.pdf({ printBackground: true, preferCSSPageSize: true });
  const url = URL.parse(page.url());
  const title = (await tab.title()) || (isFile && url?.pathname.split("/").at(-1)) || url?.hostname || "page";
  const path = await context.session.downloads.place(`${title.replace(/\.pdf$/i, "")}.pdf`);
  await writeFile(path, bytes, { mode: 0o600, flag: "wx" });
  const file = { name: basename(path), path, bytes: bytes.length };
  context.session.downloads.files.push(file);
  return { file: { ...file, mediaType: "application/pdf", data: bytes.toString("base64") } };
};

/** The file that the browser's viewer shows. Printing the viewer would give an empty sheet. */
async function shownFile(page: Page): Promise<Buffer> {
  const data = await page.evaluate(fileOf, MAX_BYTES);
  if (data === null)
    throw new AppError("payload_too_large", `${page.url()} is larger than ${MAX_BYTES / 1_000_000} MB`);
  const bytes = Buffer.from(data.slice(data.indexOf(",") + 1), "base64");
  if (bytes.includes("%PDF-")) return bytes;
  throw new AppError("conflict", `${page.url()} was shown as a PDF, and is none when it is asked for again`);
}

const fileOf = pageFunction<Promise<string | null>, number>(`async (most) => {
  const answer = await fetch(location.href, { cache: "force-cache" });
  const blob = await answer.blob();
  if (blob.size > most) return null;
  const reader = new FileReader();
  const read = new Promise((resolve, reject) => { reader.onload = resolve; reader.onerror = reject; });
  reader.readAsDataURL(blob);
  await read;
  return reader.result;
}`);
