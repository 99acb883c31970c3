"""People who are not behind the door: separated persons followed to where they live, requests for help between
committees, empty-registered households by telephone, collective hukou through their units (GSBPM 4.3, 5.3; 人户分离追踪
协查 空挂户 集体户口).

In: work items of `coverage`. Out: their answers, as events through the one door, and both records tied.
"""
