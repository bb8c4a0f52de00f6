import type { Clock, Random } from '@setpoint/apimachinery/clock';
import type { FieldError } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { UserInfo } from '../../registry/index.ts';
import type { Loose } from '../walk.ts';

/** What the rules of built-in kinds need of the server they run in. */
export interface RuleContext {
  readonly clock: Clock;
  readonly random: Random;
  /** All stored objects under a storage key, `/services`; allocations look at what is taken. */
  objects(storageKey: string): Iterable<KubeObject>;
  /** Whether containers may have all rights of their node. */
  readonly allowPrivileged: boolean;
}

/** What one built-in kind does differently from the others. Absent members mean the common rule. */
export interface KindRules {
  /** Problems of metadata.name; default: DNS subdomain. */
  readonly name?: (name: string) => readonly string[];
  /** After decoding, before defaults: what the conversion to the internal type does. */
  readonly convert?: (object: Loose) => void;
  /** The object with what the conversion from the internal type adds; that of an object with nothing in it is itself. */
  readonly asWritten?: (object: Loose) => Loose;
  /** `user`: who asked for it; nobody where the server makes it by itself. */
  readonly prepareForCreate?: (object: Loose, context: RuleContext, user: UserInfo | undefined) => void;
  readonly prepareForUpdate?: (object: Loose, old: Loose, context: RuleContext) => void;
  readonly prepareForStatusUpdate?: (object: Loose, old: Loose, context: RuleContext) => void;
  /** Creation keeps what the client says of the status. */
  readonly keepsStatus?: boolean;
  readonly validate?: (object: Loose, context: RuleContext) => readonly FieldError[];
  /** Beside validate, of new objects only. */
  readonly validateCreate?: (object: Loose) => readonly FieldError[];
  /** Fields whose closed sets validate judges itself under another name. */
  readonly judges?: readonly string[];
  readonly validateUpdate?: (object: Loose, old: Loose, context: RuleContext) => readonly FieldError[];
  readonly validateStatusUpdate?: (object: Loose, old: Loose) => readonly FieldError[];
  /** Subresources that are parts of the object, beside its status. */
  readonly parts?: Readonly<Record<string, PartRules>>;
  readonly warnings?: (object: Loose, old: Loose | undefined) => readonly string[];
  /** Members whose change raises the generation; absent: the kind has none. */
  readonly generation?: readonly string[];
  /** These count for the generation too. */
  readonly generationOfMetadata?: 'labels' | 'annotations';
  readonly conditionalUpdateOnly?: boolean;
  readonly createOnUpdate?: boolean;
  readonly deleteReturnsObject?: boolean;
  /** Why the object of this name cannot be deleted. */
  readonly undeletable?: (name: string) => string | undefined;
  /** The warning for a DELETE that says nothing of dependents, which leaves them. */
  readonly orphansByDefault?: string;
  readonly gracePeriodSeconds?: (object: Loose, requested: number | undefined) => number | undefined;
  readonly selectable?: (object: Loose) => Readonly<Record<string, string>>;
}

export interface PartRules {
  readonly prepare: (object: Loose, old: Loose, context: RuleContext) => void;
  readonly validate: (object: Loose, old: Loose) => readonly FieldError[];
}

export type RuleTable = Readonly<Record<string, KindRules>>;
