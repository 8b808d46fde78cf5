/**
 * Compiles the TypeScript project of a tsconfig.json as `tsc` does, but writes numbers where the source names a constant:
 * a module-level `const` of numbers, or a member of an `as const` object of one.
 *
 * To V8 what another module exports is a variable. Each `Word.BITS` of the source would be a load of `Word`, a test that
 * it is there, and a load of its field, some hundred times for every packet; as a number it is part of an instruction.
 */
import { resolve } from 'node:path';
import ts from 'typescript';
import { root } from './house.mjs';

const { SyntaxKind } = ts;

const operators = new Map([
  [SyntaxKind.PlusToken, (a, b) => a + b],
  [SyntaxKind.MinusToken, (a, b) => a - b],
  [SyntaxKind.AsteriskToken, (a, b) => a * b],
  [SyntaxKind.SlashToken, (a, b) => a / b],
  [SyntaxKind.BarToken, (a, b) => a | b],
  [SyntaxKind.LessThanLessThanToken, (a, b) => a << b],
]);

const isModuleConst = (declaration) =>
  ts.isVariableDeclaration(declaration) &&
  (declaration.parent.flags & ts.NodeFlags.Const) !== 0 &&
  ts.isSourceFile(declaration.parent.parent.parent);

/** Is it a member of `const name = { ... } as const`? */
const isConstMember = (declaration) => {
  if (!ts.isPropertyAssignment(declaration)) return false;
  const assertion = declaration.parent.parent;
  return ts.isAsExpression(assertion) && ts.isConstTypeReference(assertion.type) && isModuleConst(assertion.parent);
};

/** Is it a name whose value is read, not one of what is declared, nor the short form of a member? */
const isRead = (node) =>
  ts.isPropertyAccessExpression(node) ||
  (ts.isIdentifier(node) && node.parent.name !== node && node.parent.propertyName !== node);

/** Makes a function that tells the number of a name, undefined if it is no constant. */
const constantsOf = (checker) => {
  const values = new Map();
  const evaluate = (node) => {
    if (ts.isNumericLiteral(node)) return Number(node.text);
    if (ts.isParenthesizedExpression(node)) return evaluate(node.expression);
    if (ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.MinusToken) {
      const value = evaluate(node.operand);
      return value === undefined ? undefined : -value;
    }
    if (ts.isBinaryExpression(node)) {
      const left = evaluate(node.left);
      const right = evaluate(node.right);
      if (left === undefined || right === undefined) return undefined;
      return operators.get(node.operatorToken.kind)?.(left, right);
    }
    return ts.isIdentifier(node) || ts.isPropertyAccessExpression(node) ? constant(node) : undefined;
  };
  const constant = (node) => {
    const symbol = checker.getSymbolAtLocation(node);
    if (symbol === undefined) return undefined;
    const isImported = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    const declaration = (isImported ? checker.getAliasedSymbol(symbol) : symbol).valueDeclaration;
    if (declaration === undefined) return undefined;
    if (!values.has(declaration)) {
      const isConst = isModuleConst(declaration) || isConstMember(declaration);
      values.set(declaration, isConst && declaration.initializer ? evaluate(declaration.initializer) : undefined);
    }
    return values.get(declaration);
  };
  return constant;
};

const numberNode = (factory, value) => {
  const digits = factory.createNumericLiteral(Math.abs(value));
  return value < 0
    ? factory.createParenthesizedExpression(factory.createPrefixUnaryExpression(SyntaxKind.MinusToken, digits))
    : digits;
};

/** A transformer for `program.emit`. */
const inlineConstants = (checker) => (context) => {
  const constant = constantsOf(checker);
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node;
    const value = isRead(node) ? constant(node) : undefined;
    return Number.isFinite(value) ? numberNode(context.factory, value) : ts.visitEachChild(node, visit, context);
  };
  return (file) => ts.visitNode(file, visit);
};

const fail = (diagnostics) => {
  const host = { getCurrentDirectory: () => root, getCanonicalFileName: (name) => name, getNewLine: () => '\n' };
  process.stderr.write(ts.formatDiagnostics(diagnostics, host));
  process.exit(1);
};

const [config] = process.argv.slice(2);
const onUnRecoverableConfigFileDiagnostic = (diagnostic) => fail([diagnostic]);
const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(
  resolve(config),
  {},
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic },
);
const program = ts.createProgram(fileNames, options);
const diagnostics = [...errors, ...ts.getPreEmitDiagnostics(program)];
if (diagnostics.length > 0) fail(diagnostics);
program.emit(undefined, undefined, undefined, false, { before: [inlineConstants(program.getTypeChecker())] });
