/**
 * Changes one module while it is loaded, and nothing on disk: how the canaries and the swarm take a
 * defence away or plant a bug, without a switch in the program that could do so.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Mutation
 * @property {string} name
 * @property {string} file of the module, from the root of the repository
 * @property {string} text what stands there, exactly, and once
 * @property {string} replacement
 */

/**
 * A plugin of Vite that puts `current()` in force for modules loaded from now on.
 *
 * @param {string} root
 * @param {() => Mutation | undefined} current
 */
export function mutator(root, current) {
  return {
    name: 'ts-dns-mutator',
    enforce: /** @type {const} */ ('pre'),
    /** @param {string} code @param {string} id */
    transform(code, id) {
      const mutation = current();
      const [path] = id.split('?');
      if (!mutation || path !== join(root, mutation.file)) return undefined;
      return { code: mutate(code, mutation), map: null };
    },
  };
}

/**
 * What is wrong when the text is not there exactly once: a list of mutations must not rot.
 *
 * @param {string} root
 * @param {Mutation} mutation
 * @returns {string | undefined}
 */
export function checkMutation(root, { name, file, text }) {
  const pieces = readFileSync(join(root, file), 'utf8').split(text).length;
  if (pieces === 2) return undefined;
  return `${name}: ${file} holds this text ${pieces - 1} times, not once: ${text}`;
}

/** @param {string} code @param {Mutation} mutation */
function mutate(code, { text, replacement }) {
  const at = code.indexOf(text);
  return code.slice(0, at) + replacement + code.slice(at + text.length);
}
