# SPDX-License-Identifier: MIT
# The part of 'cmake --install' that depends on where it goes: files that name paths, and /etc, which
# is no part of /usr. The caller sets SOURCE, SBINDIR and BINDIR; CMake the prefix. A table that is
# there already is the administrator's, and stays as it is.
get_filename_component(prefix "${CMAKE_INSTALL_PREFIX}" ABSOLUTE)
set(SYSCONFDIR /etc)
set(OPTIONS)
if(NOT prefix STREQUAL "/usr")
  set(SYSCONFDIR ${prefix}/etc)
  set(OPTIONS " --config ${SYSCONFDIR}/superd/superd.yaml") # what superd looks for itself is below /etc
endif()
set(SBINDIR ${prefix}/${SBINDIR})
set(BINDIR ${prefix}/${BINDIR})
set(LIBDIR ${prefix}/lib/superd)
set(ROOT $ENV{DESTDIR})

set(rw_r_r OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
set(rwx_rx_rx ${rw_r_r} OWNER_EXECUTE GROUP_EXECUTE WORLD_EXECUTE)

# place(TEMPLATE FILE PERMISSION...): FILE is below the root that is installed into.
function(place template file)
  message(STATUS "Installing: ${ROOT}${file}")
  configure_file(${SOURCE}/${template} ${ROOT}${file} @ONLY FILE_PERMISSIONS ${ARGN})
endfunction()

place(packaging/systemd/superd.service.in ${prefix}/lib/systemd/system/superd.service ${rw_r_r})
place(packaging/sysv/superd.in ${SYSCONFDIR}/init.d/superd ${rwx_rx_rx})

set(table ${SYSCONFDIR}/superd/superd.yaml)
place(conf/system.yaml.in ${prefix}/share/doc/superd/examples/superd.yaml ${rw_r_r})
if(EXISTS ${ROOT}${table})
  message(STATUS "Left as it is: ${ROOT}${table}")
else()
  place(conf/system.yaml.in ${table} ${rw_r_r})
endif()
file(MAKE_DIRECTORY ${ROOT}${SYSCONFDIR}/superd/superd.d)
