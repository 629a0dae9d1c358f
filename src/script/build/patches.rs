//! What is changed in the sources of Lua 5.1.5, each change with its reason. A change names the text that it replaces; a
//! text that is not there exactly as often as expected fails the build, so that a change can never silently be missing.

/// One change: in a file, for a reason, these texts are replaced, each found so many times.
struct Patch {
    what: &'static str,
    file: &'static str,
    edits: &'static [(&'static str, usize, &'static str)],
}

/// The text of a source file with its changes.
pub(crate) fn apply(file: &str, mut text: String) -> String {
    for patch in PATCHES.iter().filter(|patch| patch.file == file) {
        for (old, times, new) in patch.edits {
            let found = text.matches(old).count();
            assert!(
                found == *times,
                "change `{}` of {file}: the text to be replaced was found {found} times instead of {times}:\n{old}",
                patch.what
            );
            text = text.replace(old, new);
        }
    }
    text
}

const PATCHES: &[Patch] = &[
    Patch {
        // What scripts share (globals, libraries, metatables of basic types) must not be changed by any of them.
        what: "tables can be locked: the mark",
        file: "lobject.h",
        edits: &[(
            "  lu_byte lsizenode;  /* log2 of size of `node' array */\n",
            1,
            "  lu_byte lsizenode;  /* log2 of size of `node' array */\n  lu_byte locked;  /* nothing may be assigned */\n",
        )],
    },
    Patch {
        what: "tables can be locked: new ones are open; and whether a table is a plain array",
        file: "ltable.c",
        edits: &[
            ("  t->lsizenode = 0;\n  t->node", 1, "  t->lsizenode = 0;\n  t->locked = 0;\n  t->node"),
            (
                "int luaH_getn (Table *t) {",
                1,
                "int luaH_hashless (Table *t) { return t->node == dummynode; }\n\n\nint luaH_getn (Table *t) {",
            ),
            // CVE-2025-46817, one half: a key of INT_MIN must not overflow on its way to the array part.
            (
                "cast(unsigned int, key-1) < cast(unsigned int, t->sizearray)",
                1,
                "cast(unsigned int, key) - 1u < cast(unsigned int, t->sizearray)",
            ),
        ],
    },
    Patch {
        what: "whether a table is a plain array: declared",
        file: "ltable.h",
        edits: &[(
            "LUAI_FUNC int luaH_getn (Table *t);\n",
            1,
            "LUAI_FUNC int luaH_getn (Table *t);\nLUAI_FUNC int luaH_hashless (Table *t);\n",
        )],
    },
    Patch {
        what: "tables can be locked: assignments of scripts",
        file: "lvm.c",
        edits: &[(
            "      TValue *oldval = luaH_set(L, h, key); /* do a primitive set */\n",
            1,
            "      TValue *oldval;\n      if (h->locked) luaG_runerror(L, \"Attempt to modify a readonly table\");\n      \
             oldval = luaH_set(L, h, key); /* do a primitive set */\n",
        )],
    },
    Patch {
        what: "tables can be locked: assignments through the interface, and the switch itself",
        file: "lapi.c",
        edits: &[
            (
                "  api_check(L, ttistable(t));\n  setobj2t(L, luaH_set(L, hvalue(t), L->top-2), L->top-1);",
                1,
                "  api_check(L, ttistable(t));\n  if (hvalue(t)->locked)\n    luaG_runerror(L, \"Attempt to modify a \
                 readonly table\");\n  setobj2t(L, luaH_set(L, hvalue(t), L->top-2), L->top-1);",
            ),
            (
                "  api_check(L, ttistable(o));\n  setobj2t(L, luaH_setnum(L, hvalue(o), n), L->top-1);",
                1,
                "  api_check(L, ttistable(o));\n  if (hvalue(o)->locked)\n    luaG_runerror(L, \"Attempt to modify a \
                 readonly table\");\n  setobj2t(L, luaH_setnum(L, hvalue(o), n), L->top-1);",
            ),
            (
                "    case LUA_TTABLE: {\n      hvalue(obj)->metatable = mt;",
                1,
                "    case LUA_TTABLE: {\n      if (hvalue(obj)->locked)\n        luaG_runerror(L, \"Attempt to modify a \
                 readonly table\");\n      hvalue(obj)->metatable = mt;",
            ),
            (
                "LUA_API void lua_rawset (lua_State *L, int idx) {",
                1,
                "LUA_API void lua_lock_table (lua_State *L, int idx, int on) {\n  hvalue(index2adr(L, idx))->locked = \
                 cast(lu_byte, on);\n}\n\n\nLUA_API int lua_is_locked (lua_State *L, int idx) {\n  return \
                 hvalue(index2adr(L, idx))->locked;\n}\n\n\nLUA_API int lua_hashless (lua_State *L, int idx) {\n  return \
                 luaH_hashless(hvalue(index2adr(L, idx)));\n}\n\n\n/* as lua_rawset, but where that cannot be it pops both \
                 and answers 0 */\nLUA_API int lua_put (lua_State *L, int idx) {\n  StkId t = index2adr(L, idx);\n  StkId \
                 k = L->top - 2;\n  int can = ttistable(t) && !hvalue(t)->locked && !ttisnil(k) && !(ttisnumber(k) && \
                 luai_numisnan(nvalue(k)));\n  if (can) {\n    setobj2t(L, luaH_set(L, hvalue(t), k), k + 1);\n    \
                 luaC_barriert(L, hvalue(t), k + 1);\n  }\n  L->top -= 2;\n  return can;\n}\n\n\nLUA_API void \
                 lua_rawset (lua_State *L, int idx) {",
            ),
        ],
    },
    Patch {
        // Bytecode that no compiler made can do anything to the process.
        what: "no bytecode",
        file: "ldo.c",
        edits: &[(
            "  int c = luaZ_lookahead(p->z);\n  luaC_checkGC(L);\n  tf = ((c == LUA_SIGNATURE[0]) ? luaU_undump : \
             luaY_parser)(L, p->z,\n                                                             &p->buff, p->name);",
            1,
            "  luaZ_lookahead(p->z);\n  luaC_checkGC(L);\n  tf = luaY_parser(L, p->z, &p->buff, p->name);",
        )],
    },
    Patch {
        what: "no bytecode: only the header that string.dump writes is left of its reader",
        file: "lundump.c",
        edits: &[
            (
                "typedef struct {\n lua_State* L;\n ZIO* Z;",
                1,
                "#if 0\ntypedef struct {\n lua_State* L;\n ZIO* Z;",
            ),
            ("/*\n* make header\n*/", 1, "#endif\n/*\n* make header\n*/"),
        ],
    },
    Patch {
        // Vanilla skips bytes of long strings, so that strings that collide are easily made. This is MurmurHash3.
        what: "all bytes of a string count for its hash",
        file: "lstring.c",
        edits: &[(
            "TString *luaS_newlstr (lua_State *L, const char *str, size_t l) {\n  GCObject *o;\n  unsigned int h = \
                 cast(unsigned int, l);  /* seed */\n  size_t step = (l>>5)+1;  /* if string is too long, don't hash all its \
                 chars */\n  size_t l1;\n  for (l1=l; l1>=step; l1-=step)  /* compute hash */\n    h = h ^ \
                 ((h<<5)+(h>>2)+cast(unsigned char, str[l1-1]));\n",
            1,
            "#define turned(x, by)\t(((x) << (by)) | ((x) >> (32 - (by))))\n\nstatic unsigned int hashed (const char \
                 *str, size_t l) {\n  unsigned int h = cast(unsigned int, l), word;\n  size_t left = l;\n  for (; left >= \
                 4; left -= 4, str += 4) {\n    memcpy(&word, str, 4);\n    word *= 0xcc9e2d51u;\n    h ^= turned(word, \
                 15) * 0x1b873593u;\n    h = turned(h, 13) * 5 + 0xe6546b64u;\n  }\n  if (left > 0) {\n    word = 0;\n    \
                 while (left-- > 0) word = (word << 8) | cast(unsigned char, str[left]);\n    word *= 0xcc9e2d51u;\n    h ^= \
                 turned(word, 15) * 0x1b873593u;\n  }\n  h ^= cast(unsigned int, l);\n  h = (h ^ (h >> 16)) * \
                 0x85ebca6bu;\n  h = (h ^ (h >> 13)) * 0xc2b2ae35u;\n  return h ^ (h >> 16);\n}\n\n\nTString *luaS_newlstr \
                 (lua_State *L, const char *str, size_t l) {\n  GCObject *o;\n  unsigned int h = hashed(str, l);\n",
        )],
    },
    Patch {
        // CVE-2025-49844: the name of a chunk was known to the parser alone, and could be collected while it was parsed.
        what: "the name of a chunk stays on the stack while it is parsed",
        file: "lparser.c",
        edits: &[
            (
                "  lexstate.buff = buff;\n  luaX_setinput(L, &lexstate, z, luaS_new(L, name));",
                1,
                "  TString *source = luaS_new(L, name);\n  setsvalue2s(L, L->top, source);\n  incr_top(L);\n  lexstate.buff \
                 = buff;\n  luaX_setinput(L, &lexstate, z, source);",
            ),
            (
                "  close_func(&lexstate);\n  lua_assert(funcstate.prev == NULL);",
                1,
                "  close_func(&lexstate);\n  L->top--;  /* the name: from here on the function holds it */\n  \
                 lua_assert(funcstate.prev == NULL);",
            ),
        ],
    },
    Patch {
        // CVE-2025-46819: the length of `[===...` was counted beyond what an int holds. And an error before the first token
        // looked at a token that was never set.
        what: "delimiters of long strings have bounds, and the first token is set",
        file: "llex.c",
        edits: &[
            (
                "    save_and_next(ls);\n    count++;\n",
                1,
                "    save_and_next(ls);\n    if (++count == (1 << 28))\n      luaX_lexerror(ls, \"invalid long string \
                 delimiter\", 0);\n",
            ),
            ("  ls->decpoint = '.';\n", 1, "  ls->t.token = 0;\n  ls->decpoint = '.';\n"),
        ],
    },
    Patch {
        // CVE-2025-46817, the other half: the number of values was computed in an int.
        what: "unpack counts without overflow",
        file: "lbaselib.c",
        edits: &[(
            "  n = e - i + 1;  /* number of elements */\n  if (n <= 0 || !lua_checkstack(L, n))  /* n <= 0 means arith. \
             overflow */\n",
            1,
            "  if ((double)e - (double)i >= LUAI_MAXCSTACK || !lua_checkstack(L, n = e - i + 1))\n",
        )],
    },
    Patch {
        what: "no files and no output: what would read or print is not in the base library",
        file: "lbaselib.c",
        edits: &[
            ("  {\"dofile\", luaB_dofile},\n", 1, ""),
            ("  {\"loadfile\", luaB_loadfile},\n", 1, ""),
            ("  {\"print\", luaB_print},\n", 1, ""),
        ],
    },
    Patch {
        // The matcher calls itself for most items of a pattern, which a script can make longer than any stack.
        what: "patterns are matched to a certain depth only",
        file: "lstrlib.c",
        edits: &[
            (
                "  int level;  /* total number of captures (finished or unfinished) */\n",
                1,
                "  int level;  /* total number of captures (finished or unfinished) */\n  int depth;  /* calls of match */\n",
            ),
            (
                "static const char *match (MatchState *ms, const char *s, const char *p) {\n  init:",
                1,
                "#define MAXMATCHDEPTH\t4000\n\nstatic const char *match_item (MatchState *ms, const char *s, const char \
                 *p);\n\nstatic const char *match (MatchState *ms, const char *s, const char *p) {\n  const char *end;\n  if \
                 (++ms->depth > MAXMATCHDEPTH)\n    luaL_error(ms->L, \"pattern too complex\");\n  end = match_item(ms, s, \
                 p);\n  ms->depth--;\n  return end;\n}\n\n\nstatic const char *match_item (MatchState *ms, const char *s, \
                 const char *p) {\n  init:",
            ),
            ("ms.L = L;\n", 3, "ms.L = L;\n  ms.depth = 0;\n"),
        ],
    },
    Patch {
        // The functions of the libraries are one instruction each, however long they take, and the server would stand still
        // with them. Their work counts as instructions, so they give way, and can be ended, like other code.
        what: "work counts as instructions: declared",
        file: "lua.h",
        edits: &[(
            "LUA_API int lua_sethook (lua_State *L, lua_Hook func, int mask, int count);\n",
            1,
            "LUA_API int lua_sethook (lua_State *L, lua_Hook func, int mask, int count);\nLUA_API void lua_work (lua_State \
             *L, size_t amount);\n",
        )],
    },
    Patch {
        what: "work counts as instructions",
        file: "ldebug.c",
        edits: &[(
            "LUA_API lua_Hook lua_gethook (lua_State *L) {",
            1,
            "LUA_API void lua_work (lua_State *L, size_t amount) {\n  if (L->hookcount > 0 && amount < \
             (size_t)L->hookcount)\n    L->hookcount -= (int)amount;\n  else {\n    resethookcount(L);\n    \
             luaD_callhook(L, LUA_HOOKCOUNT, -1);\n  }\n}\n\n\nLUA_API lua_Hook lua_gethook (lua_State *L) {",
        )],
    },
    Patch {
        // What fills much memory takes long. Nothing can give way here, so the next instruction does.
        what: "work counts as instructions: memory",
        file: "lmem.c",
        edits: &[(
            "  global_State *g = G(L);\n  lua_assert((osize == 0) == (block == NULL));\n",
            1,
            "  global_State *g = G(L);\n  if (nsize >= 4096 && L->hookcount > 1) {\n    size_t work = nsize >> 6;\n    \
             L->hookcount = work < (size_t)L->hookcount ? L->hookcount - (int)work : 1;\n  }\n  lua_assert((osize == 0) \
             == (block == NULL));\n",
        )],
    },
    Patch {
        // The collector runs where memory is asked for, and wherever a script asks for it.
        what: "work counts as instructions: the collector",
        file: "lgc.c",
        edits: &[
            (
                "void luaC_step (lua_State *L) {\n",
                1,
                "static void worked (lua_State *L, l_mem amount) {\n  l_mem work = amount >> 6;\n  if (L->hookcount > \
                 1)\n    L->hookcount = work < L->hookcount ? L->hookcount - (int)work : 1;\n}\n\n\nvoid luaC_step \
                 (lua_State *L) {\n",
            ),
            (
                "  g->gcdept += g->totalbytes - g->GCthreshold;\n  do {\n    lim -= singlestep(L);\n",
                1,
                "  g->gcdept += g->totalbytes - g->GCthreshold;\n  l_mem all = lim;\n  do {\n    lim -= singlestep(L);\n",
            ),
            (
                "  } while (lim > 0);\n  if (g->gcstate != GCSpause) {\n",
                1,
                "  } while (lim > 0);\n  worked(L, all - lim);\n  if (g->gcstate != GCSpause) {\n",
            ),
            (
                "void luaC_fullgc (lua_State *L) {\n",
                1,
                "void luaC_fullgc (lua_State *L) {\n  l_mem all = 0;\n",
            ),
            ("    singlestep(L);\n", 2, "    all += singlestep(L);\n"),
            (
                "  while (g->gcstate != GCSpause) {\n    all += singlestep(L);\n  }\n",
                1,
                "  while (g->gcstate != GCSpause) {\n    all += singlestep(L);\n  }\n  worked(L, all);\n",
            ),
        ],
    },
    Patch {
        what: "work counts as instructions: tables, whose sizes scripts can make up",
        file: "ltablib.c",
        edits: &[
            (
                "    lua_rawgeti(L, 1, i);  /* 2nd argument */\n",
                1,
                "    lua_rawgeti(L, 1, i);  /* 2nd argument */\n    lua_work(L, 1);\n",
            ),
            (
                "        lua_rawgeti(L, 1, i-1);\n",
                1,
                "        lua_work(L, 1);\n        lua_rawgeti(L, 1, i-1);\n",
            ),
            ("    lua_rawgeti(L, 1, pos+1);\n", 1, "    lua_work(L, 1);\n    lua_rawgeti(L, 1, pos+1);\n"),
            (
                "  if (!lua_isnil(L, 2)) {  /* function? */\n",
                1,
                "  lua_work(L, 1);\n  if (!lua_isnil(L, 2)) {  /* function? */\n",
            ),
        ],
    },
    Patch {
        what: "work counts as instructions: texts",
        file: "lstrlib.c",
        edits: &[
            (
                "  while (n-- > 0)\n    luaL_addlstring(&b, s, l);\n",
                1,
                "  while (n-- > 0) {\n    lua_work(L, 1);\n    luaL_addlstring(&b, s, l);\n  }\n",
            ),
            (
                "static const char *lmemfind (const char *s1, size_t l1,\n",
                1,
                "static const char *lmemfind (lua_State *L, const char *s1, size_t l1,\n",
            ),
            (
                "    const char *s2 = lmemfind(s+init, l1-init, p, l2);\n",
                1,
                "    const char *s2 = lmemfind(L, s+init, l1-init, p, l2);\n",
            ),
            (
                "      init++;   /* 1st char is already checked */\n",
                1,
                "      init++;   /* 1st char is already checked */\n      lua_work(L, 1 + (l2 >> 6));\n",
            ),
        ],
    },
    Patch {
        what: "work counts as instructions: patterns",
        file: "lstrlib.c",
        edits: &[
            (
                "    luaL_error(ms->L, \"pattern too complex\");\n",
                1,
                "    luaL_error(ms->L, \"pattern too complex\");\n  lua_work(ms->L, 1);\n",
            ),
            (
                "      const char *ep = classend(ms, p);  /* points to what is next */\n",
                1,
                "      const char *ep = classend(ms, p);  /* points to what is next */\n      lua_work(ms->L, ep - p);\n",
            ),
            (
                "  len = ms->capture[l].len;\n",
                1,
                "  len = ms->capture[l].len;\n  lua_work(ms->L, len >> 6);\n",
            ),
            (
                "singlematch(uchar(*(s+i)), p, ep))\n    i++;\n",
                1,
                "singlematch(uchar(*(s+i)), p, ep)) {\n    if ((++i & 0xff) == 0)\n      lua_work(ms->L, 0x100 * (ep - p));\n  }\n",
            ),
            (
                "    else if (s<ms->src_end && singlematch(uchar(*s), p, ep))\n      s++;",
                1,
                "    else if (s<ms->src_end && singlematch(uchar(*s), p, ep)) {\n      lua_work(ms->L, ep - p);\n      s++;\n    }",
            ),
            (
                "    while (++s < ms->src_end) {\n      if (*s == e) {\n",
                1,
                "    while (++s < ms->src_end) {\n      if (((size_t)s & 0xff) == 0)\n        lua_work(ms->L, 0x100);\n      if (*s == e) {\n",
            ),
        ],
    },
    Patch {
        // A script is ended by an error that the hook raises. While a hook runs no other does, so the handler that `xpcall` was
        // given for such an error could do its work for ever.
        what: "handlers of errors are hooked, whoever raised the error",
        file: "ldebug.c",
        edits: &[(
            "    luaD_call(L, L->top - 2, 1);  /* call it */\n",
            1,
            "    L->allowhook = 1;\n    luaD_call(L, L->top - 2, 1);  /* call it */\n",
        )],
    },
    Patch {
        // Each coroutine has a hook and a count of its own. A script that begins many could do in them what it likes before its
        // own count is up, and end none of them with itself.
        what: "a coroutine goes on with the hook and the count of who resumes it: declared",
        file: "lua.h",
        edits: &[(
            "LUA_API lua_Hook lua_gethook (lua_State *L);\n",
            1,
            "LUA_API lua_Hook lua_gethook (lua_State *L);\nLUA_API void lua_hook_on (lua_State *from, lua_State *to);\n",
        )],
    },
    Patch {
        what: "a coroutine goes on with the hook and the count of who resumes it",
        file: "ldebug.c",
        edits: &[(
            "LUA_API int lua_gethookmask (lua_State *L) {\n",
            1,
            "LUA_API void lua_hook_on (lua_State *from, lua_State *to) {\n  to->hook = from->hook;\n  to->hookmask = \
             from->hookmask;\n  to->basehookcount = from->basehookcount;\n  to->hookcount = from->hookcount;\n}\n\n\n\
             LUA_API int lua_gethookmask (lua_State *L) {\n",
        )],
    },
    Patch {
        what: "a coroutine goes on with the hook and the count of who resumes it: and hands them back",
        file: "lbaselib.c",
        edits: &[(
            "  status = lua_resume(co, narg);\n",
            1,
            "  lua_hook_on(L, co);\n  status = lua_resume(co, narg);\n  lua_hook_on(co, L);\n",
        )],
    },
    Patch {
        // A finalizer runs wherever memory is asked for. An error in it must not end what happened to ask; and it can be put off
        // and ended as other code can.
        what: "errors in finalizers end with them",
        file: "lgc.c",
        edits: &[
            ("  L->allowhook = 0;  /* stop debug hooks during GC tag method */\n", 1, ""),
            (
                "static void GCTM (lua_State *L) {\n",
                1,
                "static void finalize (lua_State *L, void *at) {\n  luaD_call(L, restorestack(L, *(ptrdiff_t *)at), \
                 0);\n}\n\n\nstatic void GCTM (lua_State *L) {\n",
            ),
            (
                "    luaD_call(L, L->top - 2, 0);\n",
                1,
                "    {\n      ptrdiff_t at = savestack(L, L->top - 2);\n      luaD_pcall(L, finalize, &at, at, 0);\n      \
                 L->top = restorestack(L, at);\n    }\n",
            ),
        ],
    },
    Patch {
        // Quirk of the reference: its change for CVE-2025-46819 has made this refusal unreachable.
        what: "long strings may hold what opens one",
        file: "luaconf.h",
        edits: &[("#define LUA_COMPAT_LSTR\t\t1\n", 1, "#undef LUA_COMPAT_LSTR\n")],
    },
];
