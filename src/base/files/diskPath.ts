import { isInside } from "./isInside.ts";
import { type Mount, mountTable } from "./mountTable.ts";
import { realPath } from "./realPath.ts";

/**
 * What a real path is beneath all mounts, as in "8:1:/home/ann/site": the same for one folder by whatever bind mount it is
 * reached. The path itself where the system tells of no mounts.
 */
export function diskPath(real: string, mounts: Mount[] = mountTable()): string {
  let found: Mount | undefined;
  for (const mount of mounts)
    if (mount.place.length >= (found?.place.length ?? 0) && isInside(mount.place, real)) found = mount;
  return found ? `${found.device}:${moved(real, found.place, found.root)}` : real;
}

/** What a file or folder is by whatever link, mount or spelling it is named: the same text for one, asked afresh each time. */
export function placeOf(path: string): string {
  return diskPath(realPath(path));
}

/** The real paths by which a folder, or a part of it, can be reached: itself, and those of its bind mounts. */
export function diskPlaces(real: string, mounts: Mount[] = mountTable()): string[] {
  const known = places.get(mounts) ?? new Map<string, string[]>();
  places.set(mounts, known);
  const found = known.get(real) ?? listPlaces(real, mounts);
  known.set(real, found);
  return found;
}

// Asked for each file of a search, of the few folders that matter.
const places = new WeakMap<Mount[], Map<string, string[]>>();

function listPlaces(real: string, mounts: Mount[]): string[] {
  const path = diskPath(real, mounts);
  const others = mounts.flatMap(({ device, root, place }) => {
    const top = `${device}:${root}`;
    if (isInside(top, path)) return [moved(path, top, place)];
    return isInside(path, top) ? [place] : [];
  });
  return [...new Set([real, ...others])];
}

/** Where a real path lies in a real folder that it reaches by another mount; undefined when it is not in it. */
export function pathWithin(folder: string, real: string): string | undefined {
  if (isInside(folder, real)) return real;
  const [top, path] = [diskPath(folder), diskPath(real)];
  return isInside(top, path) ? moved(path, top, folder) : undefined;
}

/** A path in one folder, as it is in another. */
function moved(path: string, from: string, to: string): string {
  const rest = path.slice(from.endsWith("/") ? from.length - 1 : from.length);
  return `${to === "/" ? "" : to.replace(/\/$/, "")}${rest}` || "/";
}
