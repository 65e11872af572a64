import { expect, test } from "vitest";
import { diskPath, diskPlaces } from "../../../src/base/files/diskPath.ts";
import { parseMounts } from "../../../src/base/files/mountTable.ts";
import { posixTest } from "../../posix.ts";

const mounts = parseMounts(
  [
    "22 27 0:21 / /proc rw,relatime - proc proc rw",
    "27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
    "30 27 8:2 / /home rw,relatime - ext4 /dev/sda2 rw",
    "40 27 8:2 /ann/site /work rw,relatime - ext4 /dev/sda2 rw",
    "41 27 8:2 /ann/site/bin /usr/local/bin rw,relatime - ext4 /dev/sda2 rw",
    String.raw`42 27 8:2 /ann/with\040blank /mnt/with\040blank rw - ext4 /dev/sda2 rw`,
    "43 40 0:50 / /work/tmp rw - tmpfs tmpfs rw",
    "",
  ].join("\n"),
);

posixTest("a place is the same by whatever mount it is reached", () => {
  const rows: [path: string, onDisk: string][] = [
    ["/", "8:1:/"],
    ["/etc/passwd", "8:1:/etc/passwd"],
    ["/home", "8:2:/"],
    ["/homestead", "8:1:/homestead"],
    ["/home/ann/site/a.txt", "8:2:/ann/site/a.txt"],
    ["/work", "8:2:/ann/site"],
    ["/work/a.txt", "8:2:/ann/site/a.txt"],
    ["/work/tmp/a.txt", "0:50:/a.txt"],
    ["/home/ann/site/tmp/a.txt", "8:2:/ann/site/tmp/a.txt"],
    ["/usr/local/bin/rg", "8:2:/ann/site/bin/rg"],
    ["/mnt/with blank/x", "8:2:/ann/with blank/x"],
  ];
  for (const [path, onDisk] of rows) expect(diskPath(path, mounts)).toBe(onDisk);
});

posixTest("the places of a folder are its own and those of its bind mounts, parts of it included", () => {
  expect(diskPlaces("/work", mounts)).toEqual(["/work", "/home/ann/site", "/usr/local/bin"]);
  expect(diskPlaces("/home/ann/site", mounts)).toEqual(["/home/ann/site", "/work", "/usr/local/bin"]);
  expect(diskPlaces("/home/ann/other", mounts)).toEqual(["/home/ann/other"]);
  expect(diskPlaces("/etc", mounts)).toEqual(["/etc"]);
});

test("where the system tells of no mounts a path is what it is", () => {
  expect(diskPath("/home/ann", [])).toBe("/home/ann");
  expect(diskPlaces("/home/ann", [])).toEqual(["/home/ann"]);
});
