#!/usr/bin/env node
"use strict";
/**
 * Starts the command, and is all that node itself loads: checks node's version, in syntax that old versions read too,
 * then runs @BUNDLE@.cjs with V8's code cache, which saves 27 ms of the 51 ms that `BEGIN { exit(); }` takes beside node. The
 * cache is written by the first run that may write beside the command: who may do that may change the command as well.
 * It holds the functions that this run called. If that was `--help`, the first that traces writes it again: 25 ms.
 * V8 rejects one of a machine with other processor features, or of other flags: then it is written anew.
 * V8 compares no more of the source than its length, so scripts/bundle.mjs puts its hash in here and at its head.
 */
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`ERROR: beetrace needs Node.js 20.19 or newer; this is ${process.version} (${process.execPath})`);
  console.error("HINT: Debian 13 has it (apt install nodejs npm); for others see https://nodejs.org/en/download");
  process.exit(1);
}

// ./beetrace keeps this from node itself, not from the programs that are started here.
if (process.env.BEETRACE_NODE_EXTRA_CA_CERTS !== undefined) {
  process.env.NODE_EXTRA_CA_CERTS = process.env.BEETRACE_NODE_EXTRA_CA_CERTS;
  delete process.env.BEETRACE_NODE_EXTRA_CA_CERTS;
}

const fs = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { Script } = require("node:vm");

const SOURCE_HASH = "@SOURCE_HASH@";
const path = join(__dirname, "@BUNDLE@.cjs");
const cacheName = `@BUNDLE@-${SOURCE_HASH}-${process.version}-${process.arch}`;
const cachePath = join(__dirname, `${cacheName}.cache`);
const firstCachePath = join(__dirname, `${cacheName}-first.cache`);

// The bundle is ASCII: as such it takes half the memory and need not be decoded.
const text = fs.readFileSync(path, "latin1");
const isOurs = text.startsWith(`// ${SOURCE_HASH}\n`); // unless it is being replaced right now
const fullCache = isOurs ? readCache(cachePath) : undefined;
const cachedData = fullCache ?? (isOurs ? readCache(firstCachePath) : undefined);
const script = new Script(`(function (require, __filename, module) {${text}\n})`, { filename: path, cachedData });
const isUsable = script.cachedDataRejected === false;
const bundle = { exports: {} };
if (isOurs && !(isUsable && fullCache !== undefined) && isWritable()) process.on("exit", keepCache);
script.runInThisContext()(createRequire(path), path, bundle);

function readCache(from) {
  try {
    return fs.readFileSync(from);
  } catch {
    return undefined;
  }
}

function isWritable() {
  try {
    fs.accessSync(__dirname, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** At the end, so that the functions that ran are in it. Without it the next start is slower, no more. */
function keepCache() {
  if (bundle.exports.hasTraced !== false) {
    writeCache(cachePath);
    fs.rmSync(firstCachePath, { force: true });
  } else if (!isUsable) {
    writeCache(firstCachePath);
  }
}

function writeCache(to) {
  const temporary = `${to}.${process.pid}`;
  try {
    fs.writeFileSync(temporary, script.createCachedData());
    fs.renameSync(temporary, to);
  } catch {}
}
