import { existsSync } from "node:fs";
import { access, readdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../base/appError.ts";
import { accountHome, homeFolder } from "../../base/files/homeFolder.ts";
import { isInside } from "../../base/files/isInside.ts";
import { stateFolders } from "../../rules/protectedState.ts";
import { emptyFile } from "./ownTempFile.ts";
import { forwarderPlace, GATE_SOCKET } from "./gateForwarder.ts";
import { PRIVATE_PLACES, programFolders, TOOL_PLACES } from "./homePlaces.ts";
import { innerProgram } from "./innerProgram.ts";
import type { Confinement, Program, Sandbox } from "./sandbox.ts";

/** What newer versions and kernels add. */
export interface BubblewrapExtras {
  args?: string[];
  /** The file of a filter of system calls. */
  filter?: string | undefined;
}

/** Linux: namespaces of its own, made by the `bwrap` program. */
export function bubblewrap(file: string, extras: BubblewrapExtras = {}): Sandbox {
  return {
    kind: "bubblewrap",
    gate: "socketFile",
    endsTree: true,
    async confine(program, confinement, env) {
      const { network, workspace } = confinement;
      const isOpen = network === "all";
      const args = [...NAMESPACES, ...(isOpen ? [] : ["--unshare-net"])];
      args.push(...(await known(env, isOpen)), ...gateMounts(network), "--remount-ro", "/dev");
      args.push(...workspaceMounts(confinement));
      const inside = innerProgram(program, typeof network !== "string");
      args.push("--chdir", workspace, "--", inside.file, ...inside.args);
      if (args.length > MOST_ARGUMENTS)
        throw new AppError(
          "forbidden",
          `${workspace} has ${confinement.hidden.length + confinement.fixed.length} protected files, too many for the sandbox to keep a command from them all`,
        );
      return withExtras({ file, args }, extras);
    },
  };
}

// bwrap reads the filter from a descriptor.
const WITH_FILTER = 'exec 4<"$0" && exec "$@"';

/** A call of bwrap with what is added to it. */
export function withExtras({ file, args }: Program, { args: more = [], filter }: BubblewrapExtras): Program {
  if (filter === undefined) return { file, args: [...more, ...args] };
  return { file: "/bin/sh", args: ["-c", WITH_FILTER, filter, file, ...more, "--seccomp", "4", ...args] };
}

// bwrap takes 9000, and says so in words that nobody understands.
const MOST_ARGUMENTS = 8990;

/** The shortest command that shows whether all that is needed works here. */
export function trial(file: string, extras: BubblewrapExtras): Program {
  const args = ["--unshare-net", "--ro-bind", "/", "/", ...OWN_SYSTEM, ...EMPTY, "/tmp", "--", "/bin/true"];
  return withExtras({ file, args: [...NAMESPACES, ...args] }, extras);
}

/** What newer versions add: no namespaces within, in which a program would be root again. */
export const NO_NAMESPACES_WITHIN = ["--disable-userns"];

// Without a terminal of ours to type into, and never outliving us. The first process of the namespace takes all others
// with it when it ends, those that left their group or session too.
const NAMESPACES = [
  ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
  ...["--die-with-parent", "--new-session"],
  // Root, too, is nobody inside: it could take away what hides a file.
  ...["--cap-drop", "ALL"],
];

// What is thrown away afterwards lies in memory: bounds, so that no command fills it. Where nothing needs to be written there
// is room for a few names.
const scratch = (megabytes: number, place: string) => ["--size", String(megabytes * 1024 * 1024), "--tmpfs", place];
const EMPTY = ["--size", "4096", "--tmpfs"];

// What root may write there is the machine's, and no namespace's: core_pattern names a program for the kernel to start.
const KERNEL_PLACES = ["sys", "sysrq-trigger", "acpi", "bus", "driver", "fs", "irq", "mtrr", "pressure", "scsi", "tty"];

const OWN_SYSTEM = [
  ...["--dev", "/dev", ...scratch(256, "/dev/shm"), "--proc", "/proc"],
  ...(process.getuid?.() === 0 ? KERNEL_PLACES : []).flatMap((name) => {
    const place = `/proc/${name}`;
    return existsSync(place) ? ["--ro-bind", place, place] : [];
  }),
];

// What a system keeps for its programs. All else at the top of the disk is somebody's.
const SYSTEM_FOLDERS = new Set(
  "bin boot etc lib lib32 lib64 libx32 nix opt sbin snap sys usr var gnu dev proc".split(" "),
);

// Of the system's folders, what holds secrets, other people's data, or sockets of services that do more than read.
const SECRET_PLACES = [
  ...["/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers", "/etc/krb5.keytab"],
  ...["/etc/sudoers.d", "/etc/ssl/private", "/etc/wireguard", "/etc/openvpn", "/etc/NetworkManager/system-connections"],
  ...["/etc/kubernetes", "/etc/rancher", "/etc/letsencrypt", "/etc/docker", "/etc/pki/tls/private", "/etc/ipsec.d"],
  ...["/var/lib/docker", "/var/lib/mysql", "/var/lib/postgresql", "/var/lib/kubelet", "/var/lib/containerd"],
  ...["/var/lib/private", "/var/lib/systemd", "/var/log", "/var/mail", "/var/spool", "/var/backups", "/var/www"],
  ...[
    "/var/home",
    "/var/roothome",
    "/usr/home",
    "/etc/netplan",
    "/etc/security/opasswd",
    "/etc/ppp",
    "/etc/postfix",
    "/etc/exim4",
    "/etc/msmtprc",
    "/etc/fstab",
  ],
  ...["/var/lib/NetworkManager", "/var/lib/bluetooth", "/var/lib/cloud", "/var/lib/samba", "/var/lib/sss"],
  ...["/var/lib/tailscale", "/var/lib/vault", "/var/lib/redis", "/var/lib/rabbitmq", "/var/lib/mongodb"],
  ...["/var/lib/gitea", "/var/lib/jenkins", "/var/lib/grafana", "/var/crash", "/var/lib/lxc", "/var/lib/libvirt"],
  // Who may talk to these is as good as root, or has the network.
  ...["/nix/var/nix/daemon-socket", "/var/snap", "/var/lib/lxd", "/var/lib/incus", "/var/lib/machines"],
];

const KEEP_MS = 5000;
let kept: { key: string; until: number; args: Promise<string[]> } | undefined;

/** As `machine`, looked at once in a few seconds: commands come in rows, and what a machine has at its top stays. */
function known(env: Record<string, string>, network: boolean): Promise<string[]> {
  const key = [env.HOME, env.PATH, network, ...stateFolders()].join("\n");
  const now = performance.now();
  if (kept?.key !== key || kept.until < now) kept = { key, until: now + KEEP_MS, args: machine(env, network) };
  return kept.args;
}

/** The disk as a command sees it, before its workspace is put there. Everything in it can only be read. */
async function machine(env: Record<string, string>, network: boolean): Promise<string[]> {
  const home = homeFolder(env);
  const args = ["--ro-bind", "/", "/", ...OWN_SYSTEM];
  const written = new Map([
    [`/${home.split("/")[1]}`, 512],
    ["/tmp", 512],
    ["/run", 16],
  ]);
  for (const entry of await readdir("/", { withFileTypes: true })) {
    const place = `/${entry.name}`;
    if (entry.isDirectory() && !SYSTEM_FOLDERS.has(entry.name)) {
      const room = written.get(place);
      args.push(...(room === undefined ? [...EMPTY, place] : scratch(room, place)));
    }
    if (entry.isFile()) args.push("--ro-bind", "/dev/null", place);
  }
  if ((await realpath("/var/tmp").catch(() => "")) === "/var/tmp") args.push(...scratch(256, "/var/tmp"));
  for (const place of SECRET_PLACES) args.push(...(await hide(place)));
  const homes = await homesIn(home);
  for (const place of homes) args.push(...scratch(512, place));
  for (const place of stateFolders()) args.push(...(await hide(place)));
  for (const name of await readdir("/etc/ssh").catch(() => [])) {
    if (/^ssh_host_.*_key$/.test(name)) args.push("--ro-bind", "/dev/null", `/etc/ssh/${name}`);
  }
  const shown = [...TOOL_PLACES.map((name) => join(home, name)), ...(await programFolders(env.PATH ?? "", home))];
  const isHidden = (place: string) => !isSystem(place) || homes.some((one) => isInside(one, place));
  for (const place of shown)
    if (isHidden(place) && (await isReachable(place))) args.push("--ro-bind-try", place, place);
  for (const name of PRIVATE_PLACES) args.push(...(await hide(join(home, name))));
  // A name is looked up in what this file says, which often lies in a folder that is hidden.
  const resolver = network ? await realpath("/etc/resolv.conf").catch(() => undefined) : undefined;
  if (resolver?.startsWith("/run/")) args.push("--ro-bind-try", resolver, resolver);
  return args;
}

/** Home folders among what a system keeps for its programs, as /var/home/me; there all else can be seen. */
async function homesIn(home: string): Promise<string[]> {
  const accounts = await readFile("/etc/passwd", "utf8").catch(() => "");
  const others = accounts.split("\n").flatMap((line) => {
    const [, , id = "", , , folder = "", shell = ""] = line.split(":");
    return Number(id) >= 1000 && !/(nologin|false|sync)$/.test(shell) ? [folder] : [];
  });
  const tops = await readdir("/", { withFileTypes: true });
  const linked = tops.flatMap(({ name }) => (SYSTEM_FOLDERS.has(name) ? [] : [`/${name}`]));
  // A service's account may have its home among the system's folders, and HOME name another one.
  const real = await Promise.all(
    [home, accountHome(), ...others, ...linked].map((place) => realpath(place).catch(() => "")),
  );
  return [...new Set(real)].filter(
    (place) => isSystem(place) && place.split("/").length > 2 && !place.startsWith("/dev/"),
  );
}

/** bwrap forgives that a place is not there, and not that this user may not go there or that a file lies in its way. */
async function isReachable(place: string): Promise<boolean> {
  return access(place).then(
    () => true,
    () => false,
  );
}

function isSystem(place: string): boolean {
  return SYSTEM_FOLDERS.has(place.split("/")[1] ?? "");
}

async function hide(place: string): Promise<string[]> {
  const real = await realpath(place).catch(() => undefined);
  if (real === undefined) return [];
  const isFolder = await readdir(real).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== "ENOTDIR",
  );
  return isFolder ? [...EMPTY, real] : ["--ro-bind", "/dev/null", real];
}

function gateMounts(network: Confinement["network"]): string[] {
  if (typeof network === "string" || !("socketFile" in network)) return [];
  const place = forwarderPlace();
  const seen = isSystem(place) ? [] : ["--ro-bind-try", place, place];
  return [...seen, "--ro-bind", network.socketFile, GATE_SOCKET];
}

function workspaceMounts({ workspace, strength, readable = [], hidden, fixed, pinned }: Confinement): string[] {
  const args = readable.flatMap((path) => ["--ro-bind", path, path]);
  args.push(strength === "reading" ? "--ro-bind" : "--bind", workspace, workspace);
  // Where something is mounted cannot be moved.
  for (const path of strength === "working" ? pinned : []) args.push("--bind", path, path);
  for (const path of strength === "working" ? fixed : []) args.push("--ro-bind", path, path);
  for (const { path, as } of hidden) {
    if (as === "folder") args.push(...EMPTY, path, "--remount-ro", path);
    // Opening a device is refused there, so that what is hidden says so and is not taken for empty.
    else args.push("--ro-bind", as === "empty" ? emptyFile() : "/dev/null", path);
  }
  return args;
}
