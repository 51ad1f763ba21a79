import { topologyJsonSchema } from '../../../lab/topology/schema';

test('the JSON Schema names every part and refuses others', () => {
  const schema = topologyJsonSchema() as {
    properties: object;
    required: string[];
    additionalProperties: boolean;
  };
  expect(Object.keys(schema.properties)).toEqual([
    'name',
    'description',
    'networks',
    'nodes',
    'copies',
    'links',
    'outside',
    'load',
  ]);
  expect(schema.additionalProperties).toBe(false);
  expect(JSON.stringify(schema)).toContain('65535');
});
