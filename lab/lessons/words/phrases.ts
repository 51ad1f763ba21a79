/** What the lab itself says around lessons and exams. */
import type { Words } from './language';

export const phrases = {
  lesson: { en: 'lesson', zh: '课' },
  step: { en: 'Step', zh: '步骤' },
  task: { en: 'Task', zh: '任务' },
  hint: { en: 'Hint', zh: '提示' },
  answer: { en: 'One way to do it', zh: '一种做法' },
  minutes: { en: 'min', zh: '分钟' },
  done: { en: 'done', zh: '完成' },
  notYet: { en: 'not yet', zh: '还没有' },
  passed: { en: 'Passed.', zh: '通过。' },
  helpAgain: { en: 'The same command again gives the answer.', zh: '再运行一次同样的命令，就会给出答案。' },
  thenCheck: { en: 'Then', zh: '然后' },
  toCheck: { en: 'is it done?', zh: '完成了吗？' },
  toHelp: { en: 'a hint; the second time the answer', zh: '提示；第二次给出答案' },
  lessonDone: { en: 'The lesson is done. Next:', zh: '这一课完成了。接下来：' },
  courseDone: { en: 'That was the last one.', zh: '这是最后一课。' },
  removeIt: { en: 'remove its lab', zh: '删除它的实验环境' },
  start: { en: 'Start one', zh: '开始一课' },
  exam: { en: 'Exam', zh: '考试' },
  findAndMend: {
    en: 'Find out why, and mend it in this lab: taking it down and up again is no mend. All tools are allowed.',
    zh: '找出原因，并在这个实验环境里修好它：拆掉重来不算修好。所有工具都可以用。',
  },
  toGrade: { en: 'is it mended?', zh: '修好了吗？' },
  toGiveUp: { en: 'what was it?', zh: '原因是什么？' },
  examPassed: {
    en: 'Passed: every request arrives once, nothing leaks, and the doctors find nothing.',
    zh: '通过：每个请求都恰好到达一次，没有任何泄漏，各个 doctor 都没有发现问题。',
  },
  examFailed: {
    en: 'Not yet: verify and the doctors have {count} reasons. They tell you which when you ask them.',
    zh: '还没有：verify 和各个 doctor 共有 {count} 条理由。你去问，它们会告诉你。',
  },
  examRestarted: {
    en: 'Not passed: this is not the lab that the exam was begun in. Begin again: lab exam --seed.',
    zh: '没有通过：这不是考试开始时的那个实验环境。请重新开始：lab exam --seed。',
  },
  examGivenUp: { en: 'Given up.', zh: '放弃了。' },
  shortest: { en: 'The shortest way', zh: '最短的做法' },
} satisfies Readonly<Record<string, Words>>;
