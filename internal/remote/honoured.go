package remote

// harmlessKeys are the keywords that affect neither whom to trust nor how to reach a host. A
// configuration with no others needs no run of ssh -G.
var harmlessKeys = map[string]bool{
	"addkeystoagent": true, "applemultipath": true, "compression": true, "controlmaster": true,
	"controlpath": true, "controlpersist": true, "dynamicforward": true, "escapechar": true,
	"enableescapecommandline": true, "exitonforwardfailure": true, "forkafterauthentication": true,
	"forwardx11": true, "forwardx11timeout": true, "forwardx11trusted": true, "gatewayports": true,
	"gssapiauthentication": true, "gssapidelegatecredentials": true, "gssapikeyexchange": true,
	"gssapirenewalforcesrekey": true, "gssapitrustdns": true, "hashknownhosts": true,
	"ignoreunknown": true, "ipqos": true, "localforward": true, "loglevel": true, "logverbose": true,
	"obscurekeystroketiming": true, "remoteforward": true, "requesttty": true, "sendenv": true,
	"setenv": true, "streamlocalbindmask": true, "streamlocalbindunlink": true, "syslogfacility": true,
	"tcpkeepalive": true, "usekeychain": true, "visualhostkey": true, "xauthlocation": true,
}

func harmless(key string) bool { return harmlessKeys[key] }

// otherKeys are the keywords that are neither harmless nor can restrict whom to trust. Those of the last lines
// have no effect in today's OpenSSH.
var otherKeys = map[string]bool{
	"addressfamily": true, "batchmode": true, "bindaddress": true, "bindinterface": true,
	"canonicaldomains": true, "canonicalizefallbacklocal": true, "canonicalizehostname": true,
	"canonicalizemaxdots": true, "canonicalizepermittedcnames": true, "certificatefile": true,
	"challengeresponseauthentication": true, "channeltimeout": true, "clearallforwardings": true,
	"connectionattempts": true, "connecttimeout": true, "enablesshkeysign": true, "fingerprinthash": true,
	"gssapiclientidentity": true, "gssapikexalgorithms": true, "gssapiserveridentity": true,
	"hostbasedacceptedalgorithms": true, "hostbasedauthentication": true, "hostbasedkeytypes": true,
	"hostname": true, "identityfile": true, "kbdinteractiveauthentication": true,
	"kbdinteractivedevices": true, "localcommand": true, "nohostauthenticationforlocalhost": true,
	"numberofpasswordprompts": true, "passwordauthentication": true, "permitlocalcommand": true,
	"permitremoteopen": true, "pkcs11provider": true, "port": true, "proxyusefdpass": true,
	"rekeylimit": true, "remotecommand": true, "securitykeyprovider": true, "serveralivecountmax": true,
	"serveraliveinterval": true, "sessiontype": true, "stdinnull": true, "tag": true, "tunnel": true,
	"tunneldevice": true, "updatehostkeys": true, "user": true, "versionaddendum": true,
	"warnweakcrypto": true,

	"afstokenpassing": true, "cipher": true, "compressionlevel": true, "fallbacktorsh": true,
	"globalknownhostsfile2": true, "kerberosauthentication": true, "kerberostgtpassing": true,
	"protocol": true, "rhostsauthentication": true, "rhostsrsaauthentication": true,
	"rsaauthentication": true, "useprivilegedport": true, "userknownhostsfile2": true, "useroaming": true,
	"usersh": true,
}

// isOption reports whether ssh has an option of that name.
func isOption(key string) bool { return harmless(key) || restricts(key) || otherKeys[key] }

// restricts reports whether a keyword can restrict whom to trust.
func restricts(key string) bool {
	switch key {
	case "stricthostkeychecking", "userknownhostsfile", "globalknownhostsfile", "revokedhostkeys",
		"hostkeyalias", "knownhostscommand", "checkhostip", "verifyhostkeydns", "hostkeyalgorithms",
		"kexalgorithms", "ciphers", "macs", "casignaturealgorithms", "pubkeyacceptedalgorithms",
		"pubkeyacceptedkeytypes", "requiredrsasize", "forwardagent", "identitiesonly", "identityagent",
		"pubkeyauthentication", "preferredauthentications", "proxyjump", "proxycommand":
		return true
	}
	return false
}
