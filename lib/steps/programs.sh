# shellcheck shell=sh
# For the steps that look for what HRM calls: the programs that every HRM does, with its settings' defaults.
# shellcheck disable=SC2034 # for the steps
hrm_programs='php ssh scp sftp ssh-keygen ps awk grep find ping zip unzip tar'
