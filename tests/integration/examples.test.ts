import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseInvocation } from '../../src/cli/invocation.ts';
import { allCommands, createRegistry } from '../../src/cli/registry.ts';
import { verbOf } from '../../src/commands/index.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayer } from '../support/program.ts';

const EXAMPLES = path.join(CHECKOUT, 'examples');
const WORKFLOW = path.join(EXAMPLES, 'github-workflow.yml');
const specs = fs
  .readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.yaml'))
  .sort();

interface Step {
  readonly name: string;
  readonly run?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

const workflow = parse(fs.readFileSync(WORKFLOW, 'utf8')) as Workflow;
const steps = Object.values(workflow.jobs).flatMap(job => job.steps);
const registry = createRegistry(allCommands);
const script = steps.map(step => step.run ?? '').join('\n');

/** The words after `apt-layer` of each simple command in shell text; quotes only hold what has no spaces. */
function invocationsIn(text: string): string[][] {
  return [...text.replaceAll('\\\n', ' ').matchAll(/^\s*apt-layer\s+([^|#\n]*)/gm)].map(match =>
    (match[1] ?? '').trim().replaceAll(/["']/g, '').split(/\s+/),
  );
}

describe('the examples', () => {
  it('are what the guide speaks of', () => {
    expect(specs).toEqual(
      expect.arrayContaining([
        'debian-13-ci.yaml',
        'debian-13-container.yaml',
        'debian-13-desktop.yaml',
        'debian-13-server.yaml',
        'debian-13.yaml',
      ]),
    );
  });

  it.each(specs)('%s is valid', async name => {
    const result = await aptLayer(undefined, ['compose', 'validate', path.join(EXAMPLES, name)]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(specs)('%s gives nobody a password', name => {
    expect(fs.readFileSync(path.join(EXAMPLES, name), 'utf8')).not.toMatch(/chpasswd|passwd\/|\$[0-9a-z]+\$/);
  });
});

describe('the workflow', () => {
  it('has jobs, steps that each do one thing, and names for them', () => {
    expect(Object.keys(workflow.on)).toContain('push');
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) {
      expect(step.name, JSON.stringify(step)).toBeTruthy();
      expect([step.run, step.uses].filter(what => what !== undefined)).toHaveLength(1);
    }
  });

  it('calls verbs that exist, with options that they have', () => {
    const verbs = invocationsIn(script).map(words => verbOf(parseInvocation(registry, words).definition));
    expect(verbs).toEqual(
      expect.arrayContaining([
        ...['validate', 'compose validate', 'compose lint', 'compose lock', 'compose tree', 'run', 'export'],
        'cleanup',
      ]),
    );
  });

  it('keeps the store from run to run, builds what is locked twice, and publishes exactly that', () => {
    const cache = steps.findIndex(step => step.uses?.startsWith('actions/cache@'));
    const build = steps.findIndex(step => step.run?.includes('compose tree'));
    expect(cache).toBeGreaterThan(0);
    expect(build).toBeGreaterThan(cache);
    expect(steps[cache]?.with?.['path']).toBe('/var/lib/apt-layer');
    expect(steps[build]?.run).toMatch(/compose tree --locked --check --ref ci\/new/);
    expect(script).toContain('apt-layer export local://ci/new ');
  });

  it('renews the lock by a timer: before the build, and proposes it only after all checks', () => {
    expect(Object.keys(workflow.on)).toContain('schedule');
    const renewal = steps
      .filter(step => step.if === "github.event_name == 'schedule'")
      .map(step => step.name);
    expect(renewal).toEqual(['Renew the lock', 'Propose the renewed lock']);
    const place = (name: string) => steps.findIndex(step => step.name === name);
    expect(place('Renew the lock')).toBeLessThan(place('Build the system'));
    expect(place('Propose the renewed lock')).toBeGreaterThan(place('Check the store'));
  });

  it('would show a verb or an option that does not exist', () => {
    const parseAll = (text: string) =>
      invocationsIn(text).map(words => parseInvocation(registry, words).args);
    expect(() => parseAll('  apt-layer compose trees x.yaml')).toThrow(/compose/);
    expect(() => parseAll('apt-layer compose tree \\\n  --lock x.yaml')).toThrow(/--lock/);
  });

  it('installs what scripts/setup.sh says is needed', () => {
    const setup = fs.readFileSync(path.join(CHECKOUT, 'scripts/setup.sh'), 'utf8');
    const needed = /RUN_PACKAGES=\(([^)]*)\)/.exec(setup)?.[1]?.trim().split(/\s+/) ?? [];
    expect(needed.length).toBeGreaterThan(0);
    const installed = /apt-get install ((?:.*\\\n)*.*)/.exec(script)?.[1]?.split(/\s+/) ?? [];
    expect(needed.filter(name => !installed.includes(name))).toEqual([]);
  });

  it('takes what others may write only through the environment', () => {
    expect(steps.filter(step => step.run?.includes('${{')).map(step => step.name)).toEqual([]);
  });
});
