/** What a dashboard is made of, in as few words as Grafana's many options allow. */

/** Units as Grafana names them. */
export type Unit =
  | 'short'
  | 'none'
  | 's'
  | 'd'
  | 'percentunit'
  | 'bytes'
  | 'Bps'
  | 'ops'
  | 'iops'
  | 'pps'
  | 'cps'
  | 'celsius'
  | 'hertz'
  | 'rotrpm'
  | 'dateTimeFromNow';

type Color = 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'text' | 'purple';

/** Colours from a value on; the first holds from below. */
export type Thresholds = readonly [base: Color, ...steps: (readonly [from: number, color: Color])[]];

/** What a value is shown as, in place of the number. */
export type Mapping = Readonly<Record<number, readonly [text: string, color: Color]>>;

/** One query and the name of its series, which may hold labels as `{{device}}`. */
export type Query = readonly [legend: string, expr: string];

/** How a value is shown. */
export interface Value {
  readonly unit: Unit;
  readonly thresholds?: Thresholds;
  readonly mapping?: Mapping;
  readonly decimals?: number;
}

interface Shared {
  readonly title: string;
  /** A sentence for the reader: what it shows, and what to make of it. */
  readonly description: string;
  /** Of 24. */
  readonly width: number;
}

/** Series over time. */
export interface Graph extends Shared, Value {
  readonly kind: 'graph';
  readonly queries: readonly Query[];
  readonly stacked?: boolean;
  /** Series whose legend matches are drawn below the axis, such as what was sent. */
  readonly below?: RegExp;
  readonly min?: number;
  readonly max?: number;
}

/** The newest value, large. */
export interface Stat extends Shared, Value {
  readonly kind: 'stat';
  readonly queries: readonly Query[];
}

/** Bands of states over time. */
export interface Timeline extends Shared, Value {
  readonly kind: 'timeline';
  readonly queries: readonly Query[];
}

/** A column of a table: a label of the rows, or the value of a query. */
export type Column =
  | { readonly name: string; readonly label: string; readonly link?: { readonly title: string; readonly url: string } }
  | ({ readonly name: string; readonly expr: string } & Value);

/** The newest values, a row for each set of labels; all queries have the labels that are columns and no other. */
export interface Table extends Shared {
  readonly kind: 'table';
  readonly columns: readonly Column[];
  readonly height?: number;
}

/** Anything on a dashboard. */
export type Panel = Graph | Stat | Timeline | Table;

/** A row of panels, which can be folded. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly folded?: boolean;
}

/** What the reader chooses: values of a label of a series. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  /** The series that have it. */
  readonly series: string;
  /** The label; the name of the variable unless given. */
  readonly of?: string;
  /** Whether one value or many are chosen. */
  readonly one?: boolean;
}

/** A dashboard. */
export interface Dashboard {
  /** Never changes, as links and updates go by it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}
