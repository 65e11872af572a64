import { AppError } from "../../base/appError.ts";
import type { BrowserRequest } from "../../protocol/browser.ts";
import { loadDriver } from "../process/driver.ts";
import type { BrowserSession } from "../session/browserSession.ts";
import { DESKTOP } from "../session/sessionContext.ts";

/** Gives a session's pages another screen. A size changes them as they are; a device opens them afresh. */
export async function emulate(
  browserSession: BrowserSession,
  { device, width, height }: BrowserRequest,
): Promise<void> {
  if (device === undefined && width === undefined && height === undefined) {
    throw new AppError("bad_request", 'emulate needs "device", or "width" and "height"');
  }
  if (device !== undefined) await changeDevice(browserSession, device);
  if (width === undefined && height === undefined) return;
  const { emulation } = browserSession;
  emulation.width = width ?? emulation.width ?? DESKTOP.width;
  emulation.height = height ?? emulation.height ?? DESKTOP.height;
  const size = { width: emulation.width, height: emulation.height };
  await Promise.all(browserSession.context?.tabs().map((tab) => tab.page.setViewportSize(size)) ?? []);
}

async function changeDevice(browserSession: BrowserSession, device: string): Promise<void> {
  const { devices } = await loadDriver();
  if (device !== "desktop" && !Object.hasOwn(devices, device)) {
    const alike = Object.keys(devices).filter((name) => name.toLowerCase().includes(device.toLowerCase().slice(0, 5)));
    const some = (alike.length > 0 ? alike : Object.keys(devices)).slice(0, 8).join(", ");
    throw new AppError("bad_request", `"${device}" is no device that is known; some are: desktop, ${some}`);
  }
  await browserSession.park();
  browserSession.emulation = device === "desktop" ? {} : { device };
}
