import { type ASTNode, print, stripIgnoredCharacters } from 'graphql';

/** Prints as the planner does: no character that means nothing. */
export const printCompact = (node: ASTNode): string => stripIgnoredCharacters(print(node));
