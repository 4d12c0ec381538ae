export { type JsonMember, type MemberOptions, type MemberScanner, memberScanner } from './members.ts';
