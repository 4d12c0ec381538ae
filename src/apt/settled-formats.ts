/**
 * For tex-common's postinst: formats that are the same in every build. Knuth's TeX knows no time but the present one, so it is told
 * the time of the image before it reads what it makes a format of. Formats that hold addresses or what Lua has ordered by them (no
 * image keeps them: volatile.ts) are not listed either; and the list is made by mktexlsr, which sorts.
 */
export const SETTLED_FORMATS = `fmtutil() {
  formats=/var/lib/texmf/web2c
  engines=$(mktemp -d)
  PRESENT=$(date -u -d "@$SOURCE_DATE_EPOCH" '+\\year=%-Y\\month=%-m\\day=%-d')'\\time='$((SOURCE_DATE_EPOCH / 60 % 1440))
  cat >"$engines/tex" <<'EOF'
#!/bin/sh
number=0
count=$#
for word do
  number=$((number + 1))
  [ $number -gt 1 ] || set --
  [ $number -lt $count ] || word="$PRESENT\\\\input $word"
  set -- "$@" "$word"
done
exec /usr/bin/tex "$@"
EOF
  # fmtutil looks for engines beside this one first.
  printf '#!/bin/sh\\nexec /usr/bin/kpsewhich "$@"\\n' >"$engines/kpsewhich"
  chmod +x "$engines"/*
  (
    export PRESENT PATH="$engines:$PATH"
    command fmtutil "$@"
  ) || return
  rm -rf "$engines" "$formats"/lua*/*.fmt "$formats"/aleph/*.fmt "$formats"/*.log "$formats"/*/*.log
  mktexlsr /var/lib/texmf
}
`;
