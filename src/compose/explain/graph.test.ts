import { describe, expect, it } from 'vitest';
import { parseRecords } from '../../apt/index.ts';
import { dependencyGraph, shortestPath } from './graph.ts';

const STATUS = Buffer.from(
  [
    ['app', 'Depends: lib (>= 2), mail | post', 'install ok installed'],
    ['lib', 'Pre-Depends: core', 'install ok installed'],
    ['core', 'Recommends: app', 'install ok installed'],
    ['post', 'Provides: mail (= 1)', 'hold ok installed'],
    ['gone', 'Depends: core', 'deinstall ok config-files'],
  ]
    .map(
      ([name, field, status]) =>
        `Package: ${name}\nStatus: ${status}\nArchitecture: amd64\nVersion: 1\n${field}\n`,
    )
    .join('\n'),
);

describe('the graph of installed packages', () => {
  const graph = dependencyGraph(parseRecords(STATUS).values());

  it('has what is installed, with what provides what is needed', () => {
    expect([...graph.keys()]).toEqual(['app:amd64', 'lib:amd64', 'core:amd64', 'post:amd64']);
    expect(graph.get('app:amd64')?.needs).toEqual([
      { key: 'lib:amd64', field: 'Depends', text: 'lib (>= 2)' },
      { key: 'post:amd64', field: 'Depends', text: 'mail' },
      { key: 'post:amd64', field: 'Depends', text: 'post' },
    ]);
  });

  it('has shortest ways, also in circles', () => {
    expect(shortestPath(graph, 'app:amd64', 'core:amd64')?.map(step => step.key)).toEqual([
      'app:amd64',
      'lib:amd64',
      'core:amd64',
    ]);
    expect(shortestPath(graph, 'core:amd64', 'post:amd64')).toHaveLength(3);
    expect(shortestPath(graph, 'post:amd64', 'app:amd64')).toBeUndefined();
    expect(shortestPath(graph, 'app:amd64', 'app:amd64')).toEqual([{ key: 'app:amd64' }]);
  });
});
