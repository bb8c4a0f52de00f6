import { timestampAge } from '@setpoint/apimachinery/duration';
import type { BuiltinKind } from '@setpoint/apimachinery/kinds';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { TableConvertor } from '../../registry/index.ts';
import { autoscalerToV2 } from '../autoscaling.ts';
import type { Loose } from '../walk.ts';
import { clusterPrinters } from './cluster.ts';
import type { Cells } from './format.ts';
import { columns } from './generated/columns.ts';
import { rarePrinters } from './rare.ts';
import { systemPrinters } from './system.ts';
import { workloadPrinters } from './workloads.ts';

const autoscalerCells = workloadPrinters['autoscaling/v2.HorizontalPodAutoscaler'] as Cells;

const printers: Readonly<Record<string, Cells>> = {
  'autoscaling/v1.HorizontalPodAutoscaler': (one, now) => autoscalerCells(autoscalerToV2(one), now),

  ...workloadPrinters,
  ...clusterPrinters,
  ...rarePrinters,
  ...systemPrinters,
};

const nameAndTime = [
  { name: 'Name', type: 'string', format: 'name', description: 'Name of the object', priority: 0 },
  { name: 'Created At', type: 'date', format: '', description: 'When the object was created', priority: 0 },
] as const;

/** The columns of a built-in kind as kube-apiserver has them; cells of kinds without a printer are name and age. */
export function tableOf(kind: BuiltinKind): TableConvertor {
  const defined = columns[kind.type] ?? nameAndTime;
  const printer = printers[kind.type];
  if (printer) return { columns: defined, cells: (object, now) => printer(object as Loose, now) };
  const onlyName = defined.filter(
    (column) => column.name === 'Name' || column.name === 'Age' || column.type === 'date',
  );
  return { columns: onlyName, cells: (object, now) => onlyName.map((column) => plainCell(column.name, object, now)) };
}

function plainCell(column: string, object: KubeObject, now: number): unknown {
  if (column === 'Name') return object.metadata.name;
  const created = object.metadata.creationTimestamp;
  return column === 'Age' ? timestampAge(created, now) : created;
}
