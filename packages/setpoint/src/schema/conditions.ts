import { listMap } from './markers.ts';

const typePattern =
  '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$';

/**
 * `status.conditions` as meta/v1 has them, for schemas of plain JSON Schema or typebox (`Type.Unsafe`);
 * zod users take `conditions()` of `setpoint/zod`.
 */
export const conditionsJsonSchema = {
  description: 'Conditions say how far the object is, each under its type',
  type: 'array',
  ...listMap('type'),
  items: {
    description: 'Condition contains details for one aspect of the current state of this API Resource.',
    type: 'object',
    required: ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
    properties: {
      lastTransitionTime: {
        description: 'When the condition last changed from one status to another',
        type: 'string',
        format: 'date-time',
      },
      message: { description: 'For people: details of the change; may be empty', type: 'string', maxLength: 32768 },
      observedGeneration: {
        description: 'The metadata.generation the condition was set for; lower than it, the condition is out of date',
        type: 'integer',
        format: 'int64',
        minimum: 0,
      },
      reason: {
        description: 'For programs: why the condition changed, in CamelCase',
        type: 'string',
        minLength: 1,
        maxLength: 1024,
        pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
      },
      status: { description: 'Whether the condition holds', type: 'string', enum: ['True', 'False', 'Unknown'] },
      type: {
        description: 'What the condition is about, in CamelCase or as foo.example.com/CamelCase',
        type: 'string',
        maxLength: 316,
        pattern: typePattern,
      },
    },
  },
} as const;
