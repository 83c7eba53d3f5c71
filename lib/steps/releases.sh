# shellcheck shell=sh
# For the steps that ask which release of HRM is in use.
# hrm_path: HRM's tree.
: "${hrm_path:?}"

releases=$hrm_path.d

# Which of our releases the tree is, whether that is there or not; nothing where it is none of them.
in_use() {
    [ -L "$hrm_path" ] || return 0
    leads=$(realpath -m -- "$hrm_path")
    ours=$(realpath -m -- "$releases")
    case $leads in "$ours"/*) echo "${leads#"$ours"/}" ;; esac
}
