import type { Expression, MapDeclaration, Script, Span } from "../ast.ts";
import { Diagnostics } from "../diagnostic.ts";
import type { CTypes } from "../semantics/c-types.ts";
import { aggregateValue, hasGrown, isAggregate, isCastable, type Type, typeName, unify } from "../semantics/types.ts";
import type { Target } from "../target.ts";
import type { CheckedScript, CheckOptions, MapInfo, Unit } from "./model.ts";

const MAP_TYPES = ["hash", "lruhash", "percpuhash", "percpulruhash"];

/** What is known of the script as a whole: its maps, and how their types have grown so far. */
export class ScriptTypes implements CheckedScript {
  readonly script: Script;
  readonly target: Target;
  readonly types: CTypes;
  readonly options: CheckOptions;
  readonly units: readonly Unit[];
  readonly maps = new Map<string, MapInfo>();
  readonly defines = new Map<string, Expression>();
  diagnostics = new Diagnostics();
  /** What has no type in this round; it is said only where nothing else is, for that would be the reason. */
  unresolved = new Diagnostics();
  grew = false;

  constructor(script: Script, target: Target, types: CTypes, units: readonly Unit[], options: CheckOptions) {
    this.script = script;
    this.target = target;
    this.types = types;
    this.units = units;
    this.options = options;
    for (const define of script.defines) if (define.value) this.defines.set(define.name, define.value);
  }

  declareMap(item: MapDeclaration): void {
    if (!MAP_TYPES.includes(item.type)) {
      this.diagnostics.error(
        item.span,
        `Invalid bpf map type: ${item.type}`,
        `Valid map types: ${MAP_TYPES.join(", ")}`,
      );
    }
    if (this.maps.has(item.name)) this.diagnostics.error(item.span, `Map ${item.name} is declared twice`);
    const maxEntries =
      item.maxEntries?.kind === "int" ? Number(item.maxEntries.value) : this.options.config.max_map_keys;
    if (maxEntries < 1) this.diagnostics.error(item.span, "Max entries can't be less than 1");
    this.maps.set(item.name, { ...newMap(item.name, item.span), declared: { type: item.type, maxEntries } });
  }

  /** Maps that are read but never written have no type. */
  checkMaps(): void {
    for (const map of this.maps.values()) {
      this.#checkProbeKeys(map);
      if (map.value !== undefined) continue;
      if (map.keyed === undefined && map.declared) this.diagnostics.warning(map.span, `Unused map: ${map.name}`);
      else if (!map.assigned) this.diagnostics.error(map.span, `Undefined map: ${map.name}`);
      else if (!this.unresolved.hasErrors)
        this.unresolved.error(map.span, `${map.name} has no type: it is only made from itself`);
    }
  }

  /** A key with `probe` in it is written by one probe only: another that reads it finds nothing. */
  #checkProbeKeys({ name, probeKeyed: { writers, readers } }: MapInfo): void {
    if (writers.size === 0) return;
    for (const [reader, span] of readers) {
      if (writers.has(reader)) continue;
      const [writer] = writers;
      this.diagnostics.warning(
        span,
        `${name} never has this key here: it holds the name of the probe, and only ${writer.attachments[0].name}${writer.attachments.length > 1 ? " and its like" : ""} write ${name}`,
        "leave `probe` out of the key to share it between probes",
      );
    }
  }

  /** The map of this name; its key is what `keyed` says from now on. */
  map(name: string, span: Span): MapInfo {
    let map = this.maps.get(name);
    if (!map) {
      map = newMap(name, span);
      this.maps.set(name, map);
    }
    return map;
  }

  /** Notes an access; an aggregate that can be read is a key as the number that it stands for. */
  useKey(map: MapInfo, written: Type | undefined, span: Span): void {
    const key = written && isAggregate(written) && isCastable(written) ? aggregateValue(written) : written;
    const keyed = key !== undefined;
    if (map.keyed !== undefined && map.keyed !== keyed) {
      this.diagnostics.error(
        span,
        map.keyed
          ? `${map.name} used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map)`
          : `${map.name} used as a map with an explicit key (non-scalar map), previously used without an explicit key (scalar map)`,
      );
      return;
    }
    if (map.keyed === undefined) this.grew = true;
    map.keyed = keyed;
    if (!key || key.kind === "none") return;
    if (isAggregate(key) || key.kind === "decimal") {
      this.diagnostics.error(span, `${typeName(key)} cannot be used as a map key`);
      return;
    }
    map.key = this.#grown(
      map.key,
      key,
      span,
      (was) =>
        `Argument mismatch for ${map.name}: trying to access with arguments: '${typeName(key)}' when map expects arguments: '${typeName(was)}'`,
    );
  }

  useValue(map: MapInfo, value: Type, span: Span): void {
    if (value.kind === "none") return;
    if (value.kind === "decimal") {
      this.diagnostics.error(
        span,
        `A decimal number cannot be stored in ${map.name}: BPF has no floating point`,
        "decimals can be computed in the arguments of printf and print",
      );
      return;
    }
    map.value = this.#grown(map.value, value, span, (was) =>
      was.kind === "tseries" && value.kind === "tseries"
        ? "Different tseries bounds in a single map unsupported"
        : `Type mismatch for ${map.name}: trying to assign value of type '${typeName(value)}' when map already has a type '${typeName(was)}'`,
    );
  }

  #grown(was: Type | undefined, type: Type, span: Span, message: (was: Type) => string): Type {
    const stored = storable(type);
    if (!was) {
      this.grew = true;
      return stored;
    }
    const met = unify(was, stored);
    if (!met) {
      this.diagnostics.error(span, message(was));
      return was;
    }
    if (hasGrown(was, met) || (met.kind === "pointer" && was.kind === "pointer" && met.space !== was.space))
      this.grew = true;
    return met;
  }
}

function newMap(name: string, span: Span): MapInfo {
  return {
    name,
    key: undefined,
    value: undefined,
    keyed: undefined,
    assigned: false,
    span,
    deletes: false,
    probeKeyed: { writers: new Set(), readers: new Map() },
  };
}

/** What a value becomes in a map: the verifier forgets what it knew of a pointer. */
function storable(type: Type): Type {
  if (type.kind !== "pointer" || type.space === "user" || type.space === "kernel") return type;
  const space = type.space === "none" ? "none" : "kernel";
  return space === type.space
    ? type
    : {
        kind: "pointer",
        space,
        get to() {
          return type.to;
        },
      };
}
