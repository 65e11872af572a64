/**
 * Whether a path says all of where it leads. "src" and "~/src" are of whoever reads them, and on Windows "\\src" and "C:src" of
 * whatever drive or folder happens to be the current one.
 */
export function isWholePath(path: string, platform: NodeJS.Platform = process.platform): boolean {
  return platform === "win32" ? /^([a-z]:[\\/]|[\\/]{2})/i.test(path) : path.startsWith("/");
}
