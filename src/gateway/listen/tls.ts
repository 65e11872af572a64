import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { replaceFile } from "../../base/files/replaceFile.ts";
import { isPlainLoopback, LOOPBACK_NAMES } from "../../net/loopback.ts";

export type TlsChoice = { cert: string; key: string } | "selfSigned";

/** A certificate and its key, in PEM. */
export interface TlsPair {
  cert: string;
  key: string;
}

const DAY_MS = 24 * 3600 * 1000;
const VALID_DAYS = 397;
// Made anew when less than this is left.
const RENEW_MS = 30 * DAY_MS;

/** Reads the given files, or the self-signed pair of the state folder, made when there is none that still fits. */
export async function openTls(
  choice: TlsChoice,
  options: { stateDir: string; hosts: string[]; clock: Clock },
): Promise<TlsPair> {
  if (choice !== "selfSigned") {
    return { cert: await readPem(choice.cert, "gateway.tls.cert"), key: await readPem(choice.key, "gateway.tls.key") };
  }
  const folder = path.join(options.stateDir, "tls");
  const files = { cert: path.join(folder, "cert.pem"), key: path.join(folder, "key.pem") };
  const names = [...LOOPBACK_NAMES, ...options.hosts.filter((host) => !isPlainLoopback(host))];
  const kept = await readKept(files);
  if (kept && fits(kept.cert, names, options.clock.now())) return kept;
  const pair = await generatePair(names, options.clock.now());
  await makeFolders(folder, 0o700);
  await replaceFile(files.key, pair.key, 0o600);
  await replaceFile(files.cert, pair.cert, 0o600);
  return pair;
}

/** Whether nobody else has signed it. */
export function isSelfSigned(pem: string | undefined): boolean {
  if (pem === undefined) return false;
  const certificate = new X509Certificate(pem);
  return certificate.verify(certificate.publicKey);
}

/** What the owner of a certificate is called by; a pattern such as *.example.org is no name. */
export function certificateNames(pem: string): string[] {
  const parts = new X509Certificate(pem).subjectAltName?.split(", ") ?? [];
  return parts.flatMap((part) => /^DNS:([a-z0-9.-]+)$/i.exec(part)?.[1]?.toLowerCase() ?? []);
}

async function readPem(file: string, key: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new AppError("bad_request", `${key} cannot be read: ${error.code ?? "unknown error"}, ${file}`, {
      cause: error,
    });
  });
}

async function readKept(files: TlsPair): Promise<TlsPair | undefined> {
  const [cert, key] = await Promise.all(
    [files.cert, files.key].map((file) => readFile(file, "utf8").catch(() => undefined)),
  );
  return cert && key ? { cert, key } : undefined;
}

function fits(pem: string, names: string[], now: number): boolean {
  try {
    const cert = new X509Certificate(pem);
    const covers = (name: string) => (isIp(name) ? cert.checkIP(name) : cert.checkHost(name)) !== undefined;
    const lasts = Date.parse(cert.validFrom) <= now && Date.parse(cert.validTo) - now > RENEW_MS;
    return lasts && names.every(covers);
  } catch {
    return false;
  }
}

async function generatePair(names: string[], now: number): Promise<TlsPair> {
  // Loaded here, because hardly anybody needs it.
  // A CommonJS package: only its default export is there both as it is and bundled.
  const { default: selfsigned } = await import("selfsigned");
  const altNames = names.map((name) =>
    isIp(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name },
  );
  const { cert, private: key } = await selfsigned.generate([{ name: "commonName", value: "Pincer gateway" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(now - DAY_MS),
    notAfterDate: new Date(now + VALID_DAYS * DAY_MS),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames },
    ],
  });
  return { cert, key };
}

function isIp(name: string): boolean {
  return /^[\d.]+$/.test(name) || name.includes(":");
}
