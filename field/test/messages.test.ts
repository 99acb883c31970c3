import { expect, test } from 'vitest'
import { MESSAGES } from '../src/messages'

const parameters = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

test('every message is there in Chinese and in English, with the same parameters', () => {
  for (const [key, [zh, en]] of Object.entries(MESSAGES)) {
    expect(zh.trim(), key).not.toBe('')
    expect(en.trim(), key).not.toBe('')
    expect(parameters(en), key).toEqual(parameters(zh))
    expect(en, key).not.toMatch(/[\u3400-\u9fff]/)
  }
})

test('the Chinese is Chinese', () => {
  for (const [key, [zh]] of Object.entries(MESSAGES)) expect(zh, key).toMatch(/[\u3400-\u9fff]/)
})
