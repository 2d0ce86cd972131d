# Sourced by scripts/fetch: the archive's source packages through a private
# apt, as any user, touching nothing of the machine's own apt.
#
# No mirror is named here.  Where the archive is, how to reach it (proxies,
# authentication) and which keys sign it all come from the machine's own
# configuration; only the release asked for is ours.
#
# Needs: $apt_state, a directory of our own; $log, a file; $packaging, whether
# Debian's own changes are wanted as well as what upstream released; $apt_type,
# deb where packages are wanted and not their sources (a state of its own).

apt_private() {	# suite, apt command line
	_dir=$apt_state/$1
	shift
	# -c is read after the machine's apt.conf.d, so proxies set up there
	# stay in force and these win.
	"$@" -c "$_dir/apt.conf"
}

# "uri release" a line for every repository of this machine.
apt_machine() {
	apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 2>/dev/null |
	    sort -u
}

# A machine whose apt has never updated (a fresh container) has no index
# targets: ask which files an update would get.  Nothing is downloaded.
apt_machine_fresh() {
	mkdir -p "$apt_state/probe/lists/partial"
	apt-get update --print-uris -o Dir::State="$apt_state/probe" \
	    -o Dir::State::lists="$apt_state/probe/lists" \
	    -o Dir::Cache="$apt_state/probe" 2>/dev/null |
	    sed -nE "s#^'(.*/)dists/([^']+)/InRelease'.*#\\1 \\2#p" | sort -u
}

apt_codename() {
	(. /etc/os-release && echo "${VERSION_CODENAME:-}") 2>/dev/null
}

# The distributions' own keyrings, for releases newer than the keys that this
# machine's sources name.
apt_keyrings() {
	for _k in /usr/share/keyrings/debian-archive-keyring.gpg \
	    /usr/share/keyrings/debian-archive-keyring.pgp \
	    /usr/share/keyrings/ubuntu-archive-keyring.gpg; do
		[ ! -r "$_k" ] || echo "$_k"
	done | paste -sd, -
}

# The repository that carries this machine's release carries the others too;
# the same goes for its -updates and -security companions.
apt_sources_list() {	# suite
	_code=$(apt_codename)
	_keys=$(apt_keyrings)
	_repos=$(apt_machine)
	[ -n "$_repos" ] || _repos=$(apt_machine_fresh)
	printf '%s\n' "$_repos" |
	awk -v code="$_code" -v suite="$1" -v keys="$_keys" \
	    -v type="${apt_type:-deb-src}" '
	    $2 == code || $2 == code "-updates" || $2 == code "-security" {
		sub("^" code, suite, $2)
		opt = keys != "" ? "[signed-by=" keys "] " : ""
		# The release itself first: its mirrors are the most complete.
		print ($2 != suite), type " " opt $1, $2, "main"
	    }' | sort -u | cut -d' ' -f2-
}

apt_configure() {	# suite
	_dir=$apt_state/$1
	mkdir -p "$_dir/lists/partial" "$_dir/archives/partial"
	_list=$(apt_sources_list "$1")
	[ -n "$_list" ] || return 1
	printf '%s\n' "$_list" >"$_dir/sources.list.new"
	cmp -s "$_dir/sources.list.new" "$_dir/sources.list" ||
		rm -f "$_dir/fresh"
	mv "$_dir/sources.list.new" "$_dir/sources.list"
	: >"$_dir/status"
	cat >"$_dir/apt.conf" <<-CONF
		Dir::State "$_dir";
		Dir::State::lists "$_dir/lists";
		Dir::State::status "$_dir/status";
		Dir::State::extended_states "$_dir/extended_states";
		Dir::Cache "$_dir";
		Dir::Cache::archives "$_dir/archives";
		Dir::Cache::pkgcache "";
		Dir::Cache::srcpkgcache "";
		Dir::Etc::SourceList "$_dir/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		APT::Sandbox::User "$(id -un)";
		APT::Update::Error-Mode "any";
		Acquire::Languages "none";
		Acquire::Retries "3";
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
	CONF
}

# Brings the index of a suite; a day old is fresh enough, unless "now".
# True if there is an index afterwards, be it an older one; $unreachable says
# whether bringing it failed.
apt_index() {	# suite [now]
	_dir=$apt_state/$1
	apt_configure "$1" || return 1
	if [ "${2:-}" != now ] && [ -e "$_dir/fresh" ] &&
	    [ -z "$(find "$_dir/fresh" -mmin +1440)" ]; then
		return 0
	fi
	if apt_private "$1" apt-get -q update >>"$log" 2>&1; then
		touch "$_dir/fresh"
		return 0
	fi
	unreachable=yes
	ls "$_dir"/lists/*_Sources* "$_dir"/lists/*_Packages* 2>/dev/null |
	    grep -q .
}

# "version sha256 size file" for each file of each version of a source package:
# upstream's archives, and Debian's patches if wanted.
apt_files() {	# suite source
	apt_private "$1" apt-cache showsrc --only-source "$2" 2>>"$log" |
	awk -v packaging="$packaging" '
	    /^Version:/ { version = $2; sums = 0 }
	    /^Checksums-Sha256:/ { sums = 1; next }
	    /^[^ ]/ { sums = 0 }
	    !sums || NF != 3 || $3 !~ /\.tar\.[a-z0-9]+$/ { next }
	    packaging == "yes" || $3 !~ /\.debian\.tar\./ {
		print version, $1, $2, $3
	    }' | sort -u
}

# The versions of a source package that a suite has, the newest first.
apt_versions() {	# suite source
	_left=$(apt_files "$1" "$2" | awk '{ print $1 }' | sort -u)
	while [ -n "$_left" ]; do
		_best=
		for _v in $_left; do
			if [ -z "$_best" ] ||
			    dpkg --compare-versions "$_v" gt "$_best"; then
				_best=$_v
			fi
		done
		echo "$_best"
		_left=$(printf '%s\n' $_left | grep -Fvx "$_best")
	done
}

# Downloads the files of one version into the current directory.  apt checks
# size and hash against the signed index.
apt_download() {	# suite source version
	_only=--tar-only
	[ "$packaging" != yes ] || _only=
	apt_private "$1" apt-get -q source --only-source --download-only \
	    $_only "$2=$3" >>"$log" 2>&1
}
