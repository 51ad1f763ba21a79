import { compileFilter, FilterError } from '../../../../src/kernel/filter/pcap-filter';

test('an expression becomes a program of whole instructions that ends by letting in or out', () => {
  const program = compileFilter('tcp and src port 8080');
  expect(program.length % 8).toBe(0);
  const codes = Array.from({ length: program.length / 8 }, (_, index) => program[index * 8]);
  expect(codes.slice(-2)).toEqual([6, 6]); // BPF_RET
  expect(compileFilter('tcp and src port 8080')).toEqual(program);
  expect(compileFilter('tcp and src port 8081')).not.toEqual(program);
});

test.each(['tcp andd', 'src port http8', 'ether host 02:00:00:00:00:01'])('%j is refused', (expression) => {
  expect(() => compileFilter(expression)).toThrow(FilterError);
  expect(() => compileFilter(expression)).toThrow(
    `the filter ${JSON.stringify(expression)} cannot be used: `,
  );
});
